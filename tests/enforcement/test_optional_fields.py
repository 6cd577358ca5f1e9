"""A field ``T | None`` without a default: the document, the checker and the consumer say the same of it.

In described messages it may be left out, and null is as good as absent. In typed ones it is as pydantic has it.
"""

import dataclasses
import sys
import typing
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, Optional, Required, TypedDict, TypeVar

import attrs
import pydantic
import pytest
import typing_extensions
from pydantic import AfterValidator, Field

from chanspec.asyncapi.payloads import Payloads, validator
from chanspec.contract import Message
from chanspec.decorators import document_action, document_event, ws_handler
from chanspec.enforcement import FrameChecker, checker_of
from chanspec.enforcement.reading import Invalid, Reader
from chanspec.fail_fast import size_of
from chanspec.messages import BaseMessage
from chanspec.runtime.consumer import Consumer

T = TypeVar("T")
NOTE = typing_extensions.TypeAliasType("NOTE", Optional[str])  # noqa: UP045 - as in older code


@dataclasses.dataclass
class Plain:
    name: str
    note: str | None


@dataclasses.dataclass
class Inheriting(Plain):
    more: int = 1


@dataclasses.dataclass(kw_only=True, frozen=True, slots=True)
class Keywords:
    note: str | None
    name: str


@dataclasses.dataclass
class AfterKwOnly:
    name: str
    _: dataclasses.KW_ONLY
    note: Optional[str]  # noqa: UP045


@dataclasses.dataclass
class Of(Generic[T]):
    name: str
    note: T | None


@dataclasses.dataclass
class Commented:
    name: str
    note: Annotated[str | None, Field(description="A note", max_length=9)]


@dataclasses.dataclass
class InnerComment:
    name: str
    note: Annotated[str, Field(max_length=9)] | None


@dataclasses.dataclass
class Aliased:
    name: str
    note: NOTE
    other: NOTE = None


@dataclasses.dataclass
class Validated:
    name: str
    note: Annotated[str | None, AfterValidator(lambda value: value)]


@pydantic.dataclasses.dataclass
class OfPydantic:
    name: str
    note: str | None


class OfTyping(TypedDict):
    name: str
    note: str | None


class Extending(OfTyping):
    more: NotRequired[int]


class NotTotal(TypedDict, total=False):
    name: Required[str]
    note: Required[str | None]


class OfExtensions(typing_extensions.TypedDict):
    name: str
    note: str | None


class Tuple(NamedTuple):
    name: str
    note: str | None


@attrs.define
class Attrs:
    name: str
    note: str | None


@attrs.define(kw_only=True)
class Converting:
    name: str = attrs.field(converter=str.strip)
    note: str | None = attrs.field(converter=attrs.converters.optional(str.strip), alias="remark")


@attrs.frozen
class Deriving(Attrs):
    more: int = 1


@dataclasses.dataclass
class WithDefault:
    name: str
    note: str | None = None


CLASSES = [
    *(Plain, Inheriting, Keywords, AfterKwOnly, Of[str], Commented, InnerComment, Aliased, Validated, OfPydantic),
    *(OfTyping, Extending, NotTotal, OfExtensions, Tuple, Attrs, Converting, Deriving, WithDefault),
]
ABSENT, NULL, VALUE = {"name": "a"}, {"name": "a", "note": None}, {"name": "a", "note": "b"}


def nested(cls: Any) -> dict[str, tuple[Any, Any]]:
    """Payloads that hold a class, and what makes the content of one of its own."""
    found = {
        "itself": (cls, lambda each: each),
        "in a list": (dataclasses.make_dataclass("Listing", [("of", list[cls])]), lambda each: {"of": [each]}),
        "in a dict": (dataclasses.make_dataclass("Mapped", [("of", dict[str, cls])]), lambda each: {"of": {"x": each}}),
        "in a union": (dataclasses.make_dataclass("Either", [("of", cls | int)]), lambda each: {"of": each}),
    }
    if not typing.is_typeddict(cls) or sys.version_info >= (3, 12):  # models of pydantic want the other one before
        model = pydantic.create_model("Model", __config__={"arbitrary_types_allowed": True}, of=(cls, ...))
        found["in a model"] = (model, lambda each: {"of": each})
    return found


def described(payload: Any) -> type:
    class Described:
        @document_action(action="ask", payload=payload)
        async def ask(self, payload: Any) -> None: ...

        @document_event("told", payload=payload)
        async def told(self) -> None: ...

    return Described


def message_of(consumer: type) -> Message:
    return checker_of(consumer).contract.actions[0].message


def document_of(message: Message) -> Any:
    found, problems = Payloads().wire(message, message.value)
    assert problems == []
    return found


def told(checker: FrameChecker, event: Any) -> str:
    return str(checker.outbound(pydantic.TypeAdapter(Any).dump_json(event).decode()) or "")


def asked(checker: FrameChecker, action: Any) -> str:
    return str(checker.inbound(pydantic.TypeAdapter(Any).dump_json(action).decode()) or "")


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: getattr(cls, "__name__", str(cls)))
def test_in_a_described_message_the_field_may_be_left_out_and_null_is_as_absent(cls: Any) -> None:
    is_tuple = isinstance(cls, type) and issubclass(cls, tuple)  # which is an array inside of others
    for payload, content in list(nested(cls).values())[: 1 if is_tuple else None]:
        consumer = described(payload)
        checker, message = checker_of(consumer), message_of(consumer)
        document = document_of(message)
        schema = validator(document.root, document.definitions)
        for each in (ABSENT, VALUE):
            assert schema.is_valid({"action": "ask", **content(each)})
        assert not schema.is_valid({"action": "ask", **content(NULL)})  # a `T` that may be absent: the reference's form
        for each in (ABSENT, NULL, VALUE):
            assert asked(checker, {"action": "ask", **content(each)}) == ""
            assert told(checker, {"type": "told", **content(each)}) == ""
        for wrong in ({"name": "a", "note": 3}, {"note": "b"}):
            assert asked(checker, {"action": "ask", **content(wrong)}) != ""
            assert told(checker, {"type": "told", **content(wrong)}) != ""


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: getattr(cls, "__name__", str(cls)))
def test_a_consumer_is_given_none_for_a_described_field_that_is_absent(cls: Any) -> None:
    message = message_of(described(cls))
    reader = Reader(message)
    for content, expected in ((ABSENT, None), (NULL, None), (VALUE, "b")):
        made = reader.read({"action": "ask", **content}, size_of(""))
        is_dict = typing.is_typeddict(cls) or typing_extensions.is_typeddict(cls)
        assert isinstance(made, dict if is_dict else typing.get_origin(cls) or cls)
        assert (made["note"] if is_dict else made.note) == expected
    with pytest.raises(Invalid):
        reader.read({"action": "ask", "note": "b"}, size_of(""))


def test_a_field_that_a_typed_dict_may_be_without_stays_absent() -> None:
    class Loose(TypedDict, total=False):
        note: str | None

    assert Reader(message_of(described(Loose))).read({"action": "ask"}, size_of("")) == {}


def test_an_absent_field_of_attrs_has_the_default_of_its_class() -> None:
    @attrs.define
    class Defaulted:
        note: str | None = "x"

    made = Reader(message_of(described(Defaulted))).read({"action": "ask"}, size_of(""))
    assert made == Defaulted("x")


@attrs.define
class Node:
    value: int
    next: "Node | None"
    kids: "list[Node]" = attrs.field(factory=list)


@attrs.define
class One:
    other: "Other | None"


@attrs.define
class Other:
    ones: "dict[str, One]"


@dataclasses.dataclass
class Holding:
    """A dataclass with fields of a class that pydantic does not know."""

    node: Node
    nodes: list[Node] | None


def test_attrs_classes_that_lead_back_to_themselves_are_read_and_checked() -> None:
    node = {"value": 1, "next": {"value": 2}, "kids": [{"value": 3, "next": None}]}
    reader = Reader(message_of(described(Node)))
    assert reader.read({"action": "ask", **node}, size_of("")) == Node(1, Node(2, None), [Node(3, None)])
    for payload, content, wrong in (
        (Node, node, {"value": 1, "next": {"value": "x"}}),
        (One, {"other": {"ones": {"a": {}, "b": {"other": {"ones": {}}}}}}, {"other": {"ones": {"a": {"other": 1}}}}),
        (Holding, {"node": node}, {"node": {"value": 1, "kids": [{}]}}),
    ):
        checker = checker_of(described(payload))
        assert asked(checker, {"action": "ask", **content}) == told(checker, {"type": "told", **content}) == ""
        assert asked(checker, {"action": "ask", **wrong}) != ""
        assert told(checker, {"type": "told", **wrong}) != ""
    made = Reader(message_of(described(Holding))).read({"action": "ask", "node": {"value": 1}}, size_of(""))
    assert made == Holding(Node(1, None), None)


# Typed messages


OF_PYDANTIC = [*CLASSES[:10], OfExtensions, Tuple, WithDefault]
"""Those that pydantic reads on every Python."""


@pytest.mark.parametrize("cls", OF_PYDANTIC, ids=lambda cls: getattr(cls, "__name__", str(cls)))
def test_in_a_typed_message_the_field_is_as_pydantic_has_it(cls: Any) -> None:
    message_class = pydantic.create_model(
        "AskMessage", __base__=BaseMessage, action=(Literal["ask"], "ask"), payload=(cls, ...)
    )

    class Typed(Consumer[Any]):
        @ws_handler(input_type=message_class, output_type=message_class)
        async def ask(self, message: Any) -> None: ...

    checker = checker_of(Typed)
    action = checker.contract.actions[0]
    documents = [document_of(each) for each in (action.message, action.replies[0])]
    schemas = [validator(each.root, each.definitions) for each in documents]
    contents: tuple[Any, ...] = (ABSENT, NULL, VALUE)
    if cls is Tuple:
        contents = (["a"], ["a", None], ["a", "b"])
    refused = 0
    for content in contents:
        frame = {"action": "ask", "payload": content}
        is_taken = asked(checker, frame) == ""
        assert [schema.is_valid(frame) for schema in schemas] == [is_taken, is_taken]
        assert (told(checker, frame) == "") is is_taken
        refused += not is_taken
    assert refused == (0 if cls is WithDefault else 1)
