"""The names of a payload's definitions: those of their classes, found without pydantic's own search for them."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

import pytest
from pydantic import BaseModel, ConfigDict, Field, RootModel, create_model
from pydantic.json_schema import GenerateJsonSchema

from chanspec.contract import Direction
from chanspec.schemas import describe
from chanspec.schemas.pydantic_forms import Forms, _OtherNames

Item = TypeVar("Item")


class Point(BaseModel):
    x: int


class Tree(BaseModel):
    """A tree."""

    at: Point
    inner: list[Tree] = []


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    first: Item | None = Field(None, description="The first of them")


class _Hidden(BaseModel):
    at: Point = Point(x=1)


class Cat(BaseModel):
    kind: Literal["cat"]
    owner: Point | None = None


class Dog(BaseModel):
    kind: Literal["dog"]
    friends: list[Cat | Dog] = []


class Pets(RootModel[list[Annotated[Cat | Dog, Field(discriminator="kind")]]]): ...


class Whole(BaseModel):
    tree: Tree
    page: Page[Point]
    pages: Page[Page[Tree]]
    hidden: _Hidden
    pets: Pets


class OnlyTree(RootModel[Tree]): ...


class Serialized(BaseModel):
    model_config = ConfigDict(json_schema_mode_override="serialization")

    at: Point
    number: int = 1


class Mixed(BaseModel):
    """Some classes in it are described as they are validated and as they are serialized."""

    other: Serialized
    at: list[Point] = []


OTHER_POINT = create_model("Point", __module__="somewhere.else", y=(str, ...))
SAME_POINT = create_model("Point", __module__="somewhere.same", x=(int, ...))

CLASSES: list[Any] = [
    *(Point, Tree, Page[Point], Page[Page[Tree]], _Hidden, Pets, Whole, OnlyTree, Mixed),
    create_model("Both", one=(Point, ...), other=(OTHER_POINT, ...)),
    create_model("Alike", one=(Point, ...), other=(SAME_POINT, ...)),
    create_model("Point", inner=(Point, ...)),
    create_model("tests__unit__Point", inner=(Point, ...), other=(OTHER_POINT, ...)),
    create_model("Ünïcode", inner=(Point, ...)),
]


@pytest.mark.parametrize("direction", ["in", "out"])
@pytest.mark.parametrize("camelize", [False, True])
@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_they_are_those_that_pydantic_gives(
    cls: Any, camelize: bool, direction: Direction, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = describe(cls, direction, camelize=camelize)

    def search(self: Forms, schema: Any, mode: Any) -> Any:
        raise _OtherNames

    monkeypatch.setattr(Forms, "_named_by_class", search)
    assert found == describe(cls, direction, camelize=camelize)


@pytest.mark.parametrize("cls", [Point, Tree, Page[Point], OnlyTree, Pets, create_model("Own", page=(Page[int], ...))])
def test_they_are_not_searched_where_classes_have_different_names(cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A release of pydantic that names definitions by other means fails here, and is slow, not wrong."""

    def search(self: Any, schema: Any, mode: Any = "validation") -> Any:
        raise AssertionError("pydantic looked for names itself")

    monkeypatch.setattr(GenerateJsonSchema, "generate", search)
    assert describe(cls, "in").root
