"""With ``camelize``, what stands where ``Any`` is declared is written as what is declared."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, RootModel, SerializeAsAny
from pydantic_core import PydanticSerializationError

from chanspec.messages import AuthenticationMessage, AuthenticationPayload, BaseMessage
from chanspec.runtime.codec import Codec
from chanspec.schemas import describe


class Person(BaseModel):
    first_name: str
    born_on: date | None = None
    short_name: str = Field(default="", alias="SHORT")
    user_data: dict[str, Any] = {}


class Author(Person):
    last_name: str


@dataclass
class Place:
    street_name: str
    found_by: Any = None


class Anything(BaseMessage):
    action: Literal["anything"] = "anything"
    payload: Any


class Somebody(BaseMessage):
    action: Literal["somebody"] = "somebody"
    payload: SerializeAsAny[Person]


def written(payload: Any) -> Any:
    codec = Codec([], [], "action", camelize=True)
    return json.loads(codec.encode(Anything(payload=payload)))["payload"]


ADA = Person(first_name="Ada", born_on=date(1815, 12, 10), user_data={"user_key": 1})
ADA_WRITTEN = {"firstName": "Ada", "bornOn": "1815-12-10", "SHORT": "", "userData": {"user_key": 1}}


@pytest.mark.parametrize(
    ("payload", "content"),
    [
        (ADA, ADA_WRITTEN),
        ([ADA, (ADA,)], [ADA_WRITTEN, [ADA_WRITTEN]]),
        ({"user_key": ADA, 3: {"other_key": ADA}}, {"user_key": ADA_WRITTEN, "3": {"other_key": ADA_WRITTEN}}),
        (Place("Main", ADA), {"streetName": "Main", "foundBy": ADA_WRITTEN}),
        (RootModel[list[Person]]([ADA]), [ADA_WRITTEN]),
        (Person(first_name="x", user_data={"user_key": ADA}), None),
    ],
)
def test_fields_are_in_camel_case_and_keys_of_dicts_as_they_are(payload: Any, content: Any) -> None:
    if content is None:
        content = {"firstName": "x", "bornOn": None, "SHORT": "", "userData": {"user_key": ADA_WRITTEN}}
    assert written(payload) == content


def test_a_subclass_that_is_serialized_as_what_it_is_too() -> None:
    codec = Codec([], [], "action", camelize=True)
    content = json.loads(codec.encode(Somebody(payload=Author(first_name="Ada", last_name="Lovelace"))))
    assert (content["payload"]["firstName"], content["payload"]["lastName"]) == ("Ada", "Lovelace")


def test_the_data_of_an_authentication_message_too() -> None:
    codec = Codec([], [], "action", camelize=True)
    payload = AuthenticationPayload(status_code=200, status_text="OK", data={"user_key": Place("Main")})
    content = json.loads(codec.encode(AuthenticationMessage(payload=payload)))
    assert content["payload"]["data"] == {"user_key": {"streetName": "Main", "foundBy": None}}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.dates(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_holds_no_model_is_written_as_without_camelize(value: Any) -> None:
    plain = json.loads(Codec([], [], "action").encode(Anything(payload=value)))["payload"]
    assert written(value) == plain


def test_what_json_cannot_hold_is_an_error_as_without_camelize() -> None:
    circular: list[Any] = []
    circular.append(circular)
    for value in (object(), circular, Place("Main", object())):
        with pytest.raises(PydanticSerializationError):
            written(value)


def test_a_value_of_another_type_than_declared_is_written_without_a_warning() -> None:
    with warnings.catch_warnings(action="error"):
        assert written(Place(3)) == {"streetName": 3, "foundBy": None}  # type: ignore[arg-type]


@pytest.mark.parametrize("annotation", [Anything, Somebody])
@pytest.mark.parametrize("direction", ["in", "out"])
def test_it_is_described_as_anything(annotation: Any, direction: Any) -> None:
    described = describe(annotation, direction, camelize=True)
    payload = described.root["properties"]["payload"]
    assert payload == ({} if annotation is Anything else {"$ref": "#/$defs/Person"})
