"""Numbers that JSON has no word for: refused where they come in, an error of the sender where they would go out."""

from __future__ import annotations

import enum
import json
import math
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from pydantic_core import PydanticSerializationError
from typing_extensions import TypedDict

from chanspec.contract import Handler
from chanspec.decorators import ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, PingMessage
from chanspec.runtime.codec import Codec, encode_event
from chanspec.runtime.consumer import Consumer
from tests.runtime.driver import connected

INFINITE = ("NaN", "Infinity", "-Infinity", "1e999", "-1E+400", "9" * 400 + ".5")


class Inner(BaseModel):
    ratio: float = 0


@dataclass
class Record:
    ratio: float = 0


class Dict(TypedDict, total=False):
    ratio: float


class Measure(BaseMessage):
    action: Literal["measure"] = "measure"
    ratio: float = 0
    named: dict[str, float] = {}
    either: str | list[float] = ""
    exact: Decimal = Decimal(0)
    inner: Inner = Inner()
    record: Record = Record()
    typed: Dict = {}


class Note(BaseMessage):
    action: Literal["note"] = "note"
    text: str = ""
    anything: Any = None
    value: JsonValue = None


class Open(BaseMessage):
    model_config = ConfigDict(extra="allow")
    action: Literal["open"] = "open"


class Signal(BaseMessage):
    """Means what it says: a sensor without a reading."""

    model_config = ConfigDict(allow_inf_nan=True, ser_json_inf_nan="strings")
    action: Literal["signal"] = "signal"
    level: float


class Gap(BaseMessage):
    model_config = ConfigDict(ser_json_inf_nan="null")
    action: Literal["gap"] = "gap"
    level: float | None


class Constant(BaseMessage):
    model_config = ConfigDict(ser_json_inf_nan="constants")
    action: Literal["constant"] = "constant"
    level: float


class Plain(BaseMessage):
    action: Literal["plain"] = "plain"
    text: str = ""


def codec(*messages: Any, camelize: bool = False) -> Codec:
    handlers = [
        Handler("x", each, "action", each.model_fields["action"].default, (), False, False, False, "tests:x")
        for each in messages
    ]
    return Codec(handlers, (), "action", camelize=camelize)


@pytest.mark.parametrize("camelize", [False, True])
@pytest.mark.parametrize("number", [*INFINITE, '"NaN"', '"inf"', '"-Infinity"'])
@pytest.mark.parametrize(
    ("place", "message"),
    [
        (["ratio"], '"ratio":{}'),
        (["named", "a"], '"named":{{"a":{}}}'),
        (["either"], '"either":[{}]'),
        (["inner", "ratio"], '"inner":{{"ratio":{}}}'),
        (["record", "ratio"], '"record":{{"ratio":{}}}'),
        (["typed", "ratio"], '"typed":{{"ratio":{}}}'),
    ],
)
def test_a_number_that_is_not_finite_is_a_mistake_at_its_place(
    place: list[str], message: str, number: str, camelize: bool
) -> None:
    reading = codec(Measure, Note, camelize=camelize)
    with pytest.raises(ValidationError) as caught:
        reading.decode('{"action":"measure",' + message.format(number) + "}")
    found = reading.errors(caught.value)
    assert [each["loc"][: len(place)] for each in found] == [place] * len(found)
    assert "finite_number" in {each["type"] for each in found}
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize("number", ["NaN", "Infinity", '"NaN"', '"-Infinity"', '"sNaN"'])
def test_decimals_are_finite_too(number: str) -> None:
    with pytest.raises(ValidationError) as caught:
        codec(Measure).decode('{"action":"measure","exact":' + number + "}")
    assert [each["loc"] for each in codec(Measure).errors(caught.value)] == [["exact"]]


@pytest.mark.parametrize("number", INFINITE)
@pytest.mark.parametrize(
    ("place", "message"),
    [
        (["anything"], '"action":"note","anything":{}'),
        (["anything", "a", 1], '"action":"note","anything":{{"a":[1,{}]}}'),
        (["value", 0], '"action":"note","value":[{}]'),
        (["more"], '"action":"open","more":{}'),
    ],
)
def test_so_it_is_where_anything_may_stand(place: list[Any], message: str, number: str) -> None:
    reading = codec(Note, Open)
    with pytest.raises(ValidationError) as caught:
        reading.decode("{" + message.format(number) + "}")
    (error,) = reading.errors(caught.value)
    assert error == {"loc": place, "msg": "Input should be a finite number", "type": "finite_number"}
    assert reading.named(caught.value) in ("note", "open")


@pytest.mark.parametrize("text", ["NaN", "1e999", "Infinity", "9" * 400])
def test_words_in_strings_are_no_numbers(text: str) -> None:
    reading = codec(Note, Open)
    message = reading.decode(json.dumps({"action": "note", "text": text, "anything": {text: [text]}}))
    assert message.anything == {text: [text]}
    assert json.loads(reading.encode(message))["text"] == text
    assert reading.decode('{"action":"note","anything":1e99}').anything == 1e99


def test_an_application_that_means_them_says_so() -> None:
    writing = codec(Signal)
    for number in ("NaN", '"NaN"', "Infinity"):
        message = writing.decode('{"action":"signal","level":' + number + "}")
        assert not math.isfinite(message.level)
        assert json.loads(writing.encode(message))["level"] in ("NaN", "Infinity")
    assert writing.encode(Gap(level=math.nan)) == '{"action":"gap","level":null}'


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("camelize", [False, True])
@pytest.mark.parametrize(
    ("make", "place"),
    [
        (lambda number: Measure(ratio=number), "Measure.ratio"),
        (lambda number: Measure(named={"a": 1, "b": number}), "Measure.named.b"),
        (lambda number: Measure(either=[1, number]), "Measure.either[1]"),
        (lambda number: Measure(inner=Inner(ratio=number)), "Measure.inner.ratio"),
        (lambda number: Measure(record=Record(number)), "Measure.record.ratio"),
        (lambda number: Measure(typed={"ratio": number}), "Measure.typed.ratio"),
        (lambda number: Note(anything=[{"a": number}]), "Note.anything[0].a"),
        (lambda number: Note(anything={"inner": [Inner(ratio=number)]}), "Note.anything.inner[0].ratio"),
        (lambda number: Note(anything=Record(number)), "Note.anything.ratio"),
        (lambda number: Open(more=number), "Open.more"),  # type: ignore[call-arg]
        (lambda number: Constant(level=number), "Constant.level"),
    ],
)
def test_what_is_sent_with_one_is_an_error_that_names_its_place(
    make: Any, place: str, number: float, camelize: bool
) -> None:
    with pytest.raises(PydanticSerializationError) as caught:
        codec(camelize=camelize).encode(make(number))
    assert f"test_finite:{place} is not finite" in str(caught.value)


@pytest.mark.parametrize("message", [Measure(ratio=1.5), Note(anything=[None, {"a": 1.5}]), Plain(text="NaN")])
def test_everything_else_is_written_as_ever(message: BaseMessage) -> None:
    assert json.loads(codec().encode(message)) == json.loads(message.model_dump_json())


def test_a_class_without_such_numbers_is_written_by_its_own_serializer() -> None:
    writing = codec()
    writing.encode(Plain())
    assert writing.encoders[Plain] == Plain.__pydantic_serializer__.to_json


def test_channel_events_stay_within_the_server_and_may_hold_them() -> None:
    class Level(BaseChannelEvent):
        handler: Literal["level"] = "level"
        level: float

    events = Codec((), [Handler("x", Level, "handler", "level", (), False, False, False, "tests:x")], "action")
    found = events.decode_event(encode_event(Level(level=math.inf)))
    assert found is not None
    assert found[1] == Level(level=math.inf)


async def test_send_json_refuses_them_and_the_client_is_told_that_it_failed(caplog: pytest.LogCaptureFixture) -> None:
    class Sends(Consumer):
        @ws_handler
        async def handle_ping(self, message: PingMessage) -> None:
            await self.send_json({"action": "pong", "payload": [math.nan]})

    async with connected(Sends.as_asgi()) as client:
        assert (await client.ask("ping"))["action"] == "error"
    assert "not JSON compliant" in caplog.text


class Ring:
    """Leads back to itself by what nobody writes."""

    def __init__(self) -> None:
        self.itself = self


class Colour(enum.Enum):
    RED = "red"


def test_what_leads_back_to_itself_is_not_followed() -> None:
    """A member of an enum has its class among what it holds, and that the member."""

    class Kept(BaseMessage):
        action: Literal["kept"] = "kept"
        payload: Any

        @cached_property
        def ring(self) -> Ring:
            return Ring()

    message = Kept(payload=[Colour.RED, None, {"of": Colour.RED}, (1.0,)])
    assert message.ring
    assert json.loads(Codec([], [], "action").encode(message))["payload"] == ["red", None, {"of": "red"}, [1.0]]
    with pytest.raises(PydanticSerializationError, match=r"payload\[0\]\[1\] is not finite"):
        Codec([], [], "action").encode(Kept(payload=[(1.0, math.nan)]))
