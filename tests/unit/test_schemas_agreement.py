"""Schemas of generated types accept what pydantic serializes, and refuse what it refuses."""

from __future__ import annotations

import datetime
import ipaddress
import uuid
from typing import (
    Annotated,
    Any,
    Literal,
    Optional,
)

import pydantic
import pydantic.v1
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter

from chanspec.asyncapi.payloads import validator
from chanspec.schemas import check, describe
from tests.described import Colour, Level
from tests.schemas import INSTANCES

_SIMPLE: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (int, st.integers()),
    (str, st.text()),
    (bool, st.booleans()),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (uuid.UUID, st.uuids()),
    (datetime.datetime, st.datetimes(timezones=st.just(datetime.UTC))),
    (datetime.date, st.dates()),
    (Colour, st.sampled_from(Colour)),
    (Level, st.sampled_from(Level)),
    (Literal["a", 1], st.sampled_from(["a", 1])),
    (Annotated[int, Field(ge=0, lt=10)], st.integers(0, 9)),
    (Annotated[str, Field(max_length=3)], st.text(max_size=3)),
    (ipaddress.IPv4Address, st.ip_addresses(v=4)),
]


def _grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def of(origin: Any, make: Any) -> st.SearchStrategy[Any]:
        return inner.map(lambda each: (origin(each[0]), make(each[1])))

    return st.one_of(
        of(lambda t: list[t], lambda s: st.lists(s, max_size=3)),
        of(lambda t: dict[str, t], lambda s: st.dictionaries(st.text(max_size=3), s, max_size=3)),
        of(lambda t: tuple[t, int], lambda s: st.tuples(s, st.integers())),
        of(lambda t: Optional[t], lambda s: st.none() | s),  # noqa: UP045 - built from a variable
        st.lists(inner, min_size=1, max_size=3).map(_model),
    )


def _model(fields: list[tuple[Any, st.SearchStrategy[Any]]]) -> tuple[Any, st.SearchStrategy[Any]]:
    names = [f"f{index}" for index in range(len(fields))]
    model = pydantic.create_model("Model", **{name: (each[0], ...) for name, each in zip(names, fields, strict=True)})
    values = st.fixed_dictionaries({name: each[1] for name, each in zip(names, fields, strict=True)})
    return model, values.map(lambda each: model.model_construct(**each))


TYPES = st.recursive(st.sampled_from(_SIMPLE), _grown, max_leaves=4)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_the_schema_accepts_what_pydantic_serializes_and_refuses_what_it_refuses(data: st.DataObject) -> None:
    annotation, values = data.draw(TYPES)
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    sent, taken = (_validator(annotation, each) for each in ("out", "in"))
    written = adapter.dump_python(data.draw(values), mode="json")
    assert sent.is_valid(written)
    assert taken.is_valid(written)
    instance = data.draw(INSTANCES)
    if taken.is_valid(instance):
        adapter.validate_python(instance)


def _validator(annotation: Any, direction: Any) -> Any:
    described = describe(annotation, direction)
    check(described)
    return validator(described.root, described.definitions)
