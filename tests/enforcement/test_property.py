"""Whatever a typed consumer takes and returns, enforcement finds no drift in it: the contract is what the runtime does.

Values that JSON has no form for (floats that are not finite, which pydantic writes as null) are left out: those are
drifts.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import itertools
import json
import uuid
from collections.abc import Callable
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, TypeVar

import pydantic
import typing_extensions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter

from chanspec.decorators import ws_handler
from chanspec.enforcement import ContractMiddleware, FrameChecker, checker_of
from chanspec.messages import BaseMessage
from chanspec.runtime.codec import Codec
from chanspec.runtime.consumer import Consumer
from tests.described import Colour, Level
from tests.runtime.driver import connected

Typed = tuple[Any, st.SearchStrategy[Any]]
T = TypeVar("T")

FINITE = st.floats(allow_nan=False, allow_infinity=False)
# Years that RFC 3339 and Python both write with four digits.
MOMENTS = st.datetimes(
    datetime.datetime(1000, 1, 1), timezones=st.none() | st.just(datetime.UTC) | st.timezones(no_cache=True)
)


class Tagged(enum.StrEnum):
    ONE = "one"


_SIMPLE: list[Typed] = [
    (int, st.integers(-(2**70), 2**70)),
    (str, st.text()),
    (bool, st.booleans()),
    (None, st.none()),
    (float, FINITE),
    (uuid.UUID, st.uuids()),
    (datetime.datetime, MOMENTS),
    (datetime.date, st.dates(datetime.date(1000, 1, 1))),
    (datetime.time, st.times()),
    (datetime.timedelta, st.timedeltas(datetime.timedelta(-(10**5)), datetime.timedelta(10**5))),
    (decimal.Decimal, st.decimals(-1000, 1000, places=3)),
    (bytes, st.text().map(str.encode)),
    (Colour, st.sampled_from(Colour)),
    (Level, st.sampled_from(Level)),
    (Tagged, st.sampled_from(Tagged)),
    (Literal["a", 1], st.sampled_from(["a", 1])),
    (Any, st.recursive(st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner, max_size=2))),
    (pydantic.AnyUrl, st.just(pydantic.AnyUrl("https://example.org/ä?q=1"))),
    (Annotated[int, Field(ge=0, lt=10)], st.integers(0, 9)),
    (Annotated[str, Field(max_length=3)], st.text(max_size=3)),
    (Annotated[str, Field(pattern="^a+$")], st.just("aa")),
]


class Box(pydantic.BaseModel, Generic[T]):
    inner: T
    other_name: int = Field(1, alias="otherName")

    @pydantic.computed_field  # type: ignore[prop-decorator]
    @property
    def is_full(self) -> bool:
        return True

    @pydantic.field_serializer("other_name")
    def write(self, value: int) -> str:
        return str(value)


_numbers = itertools.count()


def _fields(inner: list[Typed], make: Callable[[str, dict[str, Any]], type]) -> Typed:
    """A class with a field of each type, each perhaps left out or None."""
    names = [f"field_{index}" for index in range(len(inner))]
    cls = make(f"Made{next(_numbers)}", {name: Optional[each[0]] for name, each in zip(names, inner, strict=True)})  # noqa: UP045
    values = {name: st.none() | each[1] for name, each in zip(names, inner, strict=True)}
    return cls, st.fixed_dictionaries(values)


def _dataclass(inner: list[Typed]) -> Typed:
    cls, values = _fields(
        inner,
        lambda name, fields: dataclasses.make_dataclass(name, [(key, each, None) for key, each in fields.items()]),
    )
    return cls, values.map(lambda each: cls(**each))


def _model(inner: list[Typed]) -> Typed:
    cls, values = _fields(
        inner, lambda name, fields: pydantic.create_model(name, **{key: (each, None) for key, each in fields.items()})
    )
    return cls, values.map(lambda each: cls(**each))


def _typed_dict(inner: list[Typed]) -> Typed:
    return _fields(inner, lambda name, fields: typing_extensions.TypedDict(name, fields))  # type: ignore[operator]


def _named_tuple(inner: list[Typed]) -> Typed:
    cls, values = _fields(inner, lambda name, fields: NamedTuple(name, list(fields.items())))  # type: ignore[arg-type, misc]
    return cls, values.map(lambda each: cls(**each))


def _grown(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    def of(origin: Any, make: Any) -> st.SearchStrategy[Typed]:
        return inner.map(lambda each: (origin(each[0]), make(each[1])))

    some = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        of(lambda t: list[t], lambda s: st.lists(s, max_size=2)),
        of(lambda t: dict[str, t], lambda s: st.dictionaries(st.text(max_size=3), s, max_size=2)),
        of(lambda t: tuple[t, int], lambda s: st.tuples(s, st.integers(0, 9))),
        of(lambda t: Box[t], lambda s: s.map(lambda value: Box.model_construct(inner=value, other_name=3))),
        some.map(_dataclass),
        some.map(_model),
        some.map(_typed_dict),
        some.map(_named_tuple),
    )


TYPES = st.recursive(st.sampled_from(_SIMPLE), _grown, max_leaves=5)


def consumer_of(annotation: Any, *, camelize: bool) -> type[Consumer[Any]]:
    """A consumer that takes and returns what the type is."""
    message = pydantic.create_model(
        "EchoMessage", __base__=BaseMessage, action=(Literal["echo"], "echo"), payload=(annotation, ...)
    )

    class Echo(Consumer[Any]):
        reply_class = message

        @ws_handler(input_type=message, output_type=message)
        async def handle_echo(self, received: Any) -> Any:
            return received

    Echo.camelize = camelize
    return Echo


def drifts_of(checker: FrameChecker, consumer: Any, value: Any) -> list[str]:
    """The drifts in a message that holds a value, sent as the runtime sends it, and received by it."""
    contract = checker.contract
    codec = Codec(contract.handlers, (), contract.discriminator_field, camelize=contract.camelize)
    text = codec.encode(consumer.reply_class.model_construct(action="echo", payload=value))
    return [str(drift) for drift in (checker.outbound(text),) if drift is not None]


@given(st.data(), st.booleans())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_handlers_return_is_never_a_drift(data: st.DataObject, camelize: bool) -> None:
    annotation, values = data.draw(TYPES)
    consumer = consumer_of(annotation, camelize=camelize)
    checker = checker_of(consumer)
    for _ in range(3):
        assert drifts_of(checker, consumer, data.draw(values)) == []


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_what_clients_may_send_is_never_a_drift_and_neither_is_its_answer(data: st.DataObject) -> None:
    annotation, values = data.draw(TYPES)
    payload = TypeAdapter(annotation).dump_python(data.draw(values), mode="json", by_alias=True)
    consumer = consumer_of(annotation, camelize=False)
    text = json.dumps({"action": "echo", "payload": payload})
    middleware = ContractMiddleware(consumer.as_asgi())
    async with connected(middleware) as client:
        client.text(text)
        frame = await client.frame(20)
    assert frame["type"] == "websocket.send", list(middleware.drifts)
    assert list(middleware.drifts) == []
    assert json.loads(frame["text"])["action"] == "echo"
