"""A checker finds each kind of drift in single frames, and none in frames that keep the contract."""

from __future__ import annotations

import gc
import json
import re
import weakref
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

import attrs
import pytest
from pydantic import BaseModel, field_validator

from chanspec import document_action, document_event
from chanspec.contract import contract_of
from chanspec.decorators import ws_handler
from chanspec.enforcement import FrameChecker, checker_of
from chanspec.messages import BaseMessage, CompleteMessage, PingMessage, PongMessage
from chanspec.runtime.consumer import Consumer
from tests.enforcement.consumers import RIDE, AnnotatedConsumer, Described, TypedConsumer

annotated = checker_of(AnnotatedConsumer)
typed = checker_of(TypedConsumer)

UNKNOWN = "no event of this name is in the contract"
EXTRA = "extra inputs are not permitted"
OPTIONS = "should be one of 'tell', 'request', 'cancel.ride', 'accept', 'hello'"


def told(checker: FrameChecker, frame: Any, *, out: bool = True) -> str:
    """The drift in a frame, as one line; empty where there is none."""
    text = frame if isinstance(frame, str | bytes) else json.dumps(frame)
    drift = checker.outbound(text) if out else checker.inbound(text)
    assert drift is None or "\n" not in str(drift)
    if drift is None:
        return ""
    place = re.split("[.:]", drift.where)[-1].replace("AnnotatedConsumer", "*").replace("TypedConsumer", "*")
    return f"{place} | {drift.message} | {drift.path} | {drift.what}"


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "hello"},
        {"type": "ride.requested", "ride_id": RIDE},
        {"type": "ride.waits", "fare": "12.50", "seats": 2},
        {"type": "ride.waits", "fare": "1E+2", "seats": 2, "note": None},
        {"type": "ride.waits", "fare": "1", "seats": 2, "note": "x", "more": 1},
        {"type": "ride.offer", "driver": "Emeka", "minutes": 3},
        {"type": "ride.accepted", "at": "2024-05-01T10:00:00Z", "tags": []},
        {"type": "ride.accepted", "at": "2024-05-01T10:00:00.123"},
    ],
)
def test_events_that_keep_the_contract_are_no_drift(frame: Any) -> None:
    assert told(annotated, frame) == ""


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"type": "over"}, f"* | over |  | {UNKNOWN}"),
        (
            {"type": "ride.ofer"},
            f"* | ride.ofer |  | {UNKNOWN}, did you mean 'ride.offer'?",
        ),
        ({"type": 3}, "* | None |  | has no 'type' that names it"),
        ({"action": "hello"}, "* | None |  | has no 'type' that names it"),
        ({}, "* | None |  | has no 'type' that names it"),
        ([], "* | None |  | is no JSON object"),
        ("hello", "* | None |  | is no JSON (expected value at line 1 column 1)"),
        ("", "* | None |  | is no JSON (EOF while parsing a value at line 1 column 0)"),
        ('{"type": "hello", "x": NaN}', "* | None |  | holds a number that is not finite"),
        (b"{}", "* | None |  | is binary, and the contract describes text alone"),
        ({"type": "ride.requested"}, "handle_request | ride.requested | ride_id | field required"),
        (
            {"type": "ride.requested", "ride_id": "7"},
            "handle_request | ride.requested | ride_id | should be a valid uuid",
        ),
        ({"type": "ride.waits", "fare": 3, "seats": 2}, "ride_waits | ride.waits | fare | should be a string"),
        ({"type": "ride.waits", "fare": "3", "seats": None}, "ride_waits | ride.waits | seats | should be an integer"),
        (
            {"type": "ride.waits", "fare": "3", "seats": 1, "note": 1},
            "ride_waits | ride.waits | note | should be a string or null",
        ),
        (
            {"type": "ride.offer", "driver": "E", "minutes": 0},
            "ride_offer | ride.offer | minutes | should be at least 1",
        ),
        ({"type": "ride.offer", "driver": None, "minutes": 1}, "ride_offer | ride.offer | driver | should be a string"),
        ({"type": "ride.accepted", "at": "now"}, "ride_accepted | ride.accepted | at | should be a valid date-time"),
        (
            {"type": "ride.accepted", "at": "2024-05-01", "x": 1},
            f"ride_accepted | ride.accepted | x | {EXTRA}",
        ),
        (
            {"type": "ride.accepted", "at": "2024-05-01", "tags": ["a", 1]},
            "ride_accepted | ride.accepted | tags[1] | should be a string",
        ),
    ],
)
def test_each_kind_of_drift_of_the_server_is_found(frame: Any, expected: str) -> None:
    assert told(annotated, frame) == expected


@pytest.mark.parametrize(
    "frame",
    [
        {"action": "hello"},
        {"action": "hello", "more": 1},
        {"action": "request", "fare": "12.50", "seats": 2},
        {"action": "request", "fare": 12.5, "seats": "2", "note": None},
        {"action": "cancel.ride", "ride_id": RIDE},
        {"action": "accept", "ride_id": RIDE, "stars": 5},
    ],
)
def test_actions_are_read_as_their_types_are_read(frame: Any) -> None:
    assert told(annotated, frame, out=False) == ""


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ("{", "* | None |  | invalid JSON"),
        ("[" * 100_000, "* | None |  | is nested deeper than 64 levels"),
        ("1", "* | None |  | should be an object"),
        (b"\x00", "* | None |  | binary frames are not understood, send text"),
        ({}, "* | None | action | field required"),
        ({"type": "hello"}, "* | None | action | field required"),
        (
            {"action": ["hello"]},
            f"* | ['hello'] | action | {OPTIONS}",
        ),
        (
            {"action": "fly"},
            f"* | fly | action | {OPTIONS}",
        ),
        ({"action": "request", "seats": 1}, "handle_request | request | fare | field required"),
        ({"action": "request", "fare": "x", "seats": 1}, "handle_request | request | fare | should be a valid decimal"),
        (
            {"action": "cancel.ride", "ride_id": RIDE, "x": 1},
            f"handle_cancel | cancel.ride | x | {EXTRA}",
        ),
        (
            {"action": "cancel.ride", "ride_id": RIDE, "reason": "?"},
            "handle_cancel | cancel.ride | reason | should be 'late' or 'other'",
        ),
        ({"action": "accept", "ride_id": "x"}, "handle_accept | accept | ride_id | should be a valid uuid"),
        ({"action": "accept", "ride_id": RIDE, "stars": 6}, "handle_accept | accept | stars | should be at most 5"),
        ({"action": "tell", "frame": 1}, "handle_tell | tell | frame | should be a string"),
    ],
)
def test_each_kind_of_drift_of_clients_is_found(frame: Any, expected: str) -> None:
    assert told(annotated, frame, out=False) == expected


@pytest.mark.parametrize(
    "frame",
    [
        {"action": "pong", "payload": None},
        {"action": "said", "payload": {"driver": "E", "minutes": 1}},
        {"action": "passed", "payload": 7},
        {"action": "error", "payload": [{"loc": [], "msg": "", "type": ""}]},
        {"action": "error", "payload": {"detail": "It failed."}},
        {"action": "complete", "payload": None},
        {"action": "group_complete", "payload": None},
        {"action": "event_complete", "payload": None},
    ],
)
def test_what_typed_consumers_declare_and_what_the_runtime_sends_is_no_drift(frame: Any) -> None:
    assert told(typed, frame) == ""


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"action": "ping", "payload": None}, f"* | ping |  | {UNKNOWN}"),
        ({"type": "said"}, "* | None |  | has no 'action' that names it"),
        ({"action": "said", "payload": {"driver": "E"}}, "handle_say | said | payload.minutes | field required"),
        ({"action": "pong", "payload": 1}, "handle_ping | pong | payload | should be null"),
        ({"action": "error", "payload": "no"}, "* | error | payload | should be an array or an object"),
        ({"action": "alarm", "payload": ""}, f"* | alarm |  | {UNKNOWN}"),
        (
            {"action": "authentication", "payload": {}},
            "* | authentication |  | no event of this name is in the contract",
        ),
    ],
)
def test_each_kind_of_drift_of_a_typed_consumer_is_found(frame: Any, expected: str) -> None:
    assert told(typed, frame).replace(", did you mean 'pong'?", "") == expected


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ({"action": "say", "payload": {"driver": "E", "minutes": "1"}}, ""),
        ({"action": "say", "payload": {"driver": "E"}}, "handle_say | say | payload.minutes | field required"),
        ({"action": "fly"}, "* | None | action | should be one of 'ping', 'say', 'tell'"),
        ("{", "* | None |  | invalid JSON: EOF while parsing an object at line 1 column 1"),
        ([], "* | None |  | should be an object"),
    ],
)
def test_what_typed_consumers_take_is_read_as_their_connections_read_it(frame: Any, expected: str) -> None:
    assert told(typed, frame, out=False) == expected


def test_a_drift_is_one_line_that_says_where_what_and_the_cure() -> None:
    drift = annotated.outbound('{"type": "ride.offer", "driver": "E", "minutes": "soon"}')
    assert str(drift) == (
        "tests.enforcement.consumers:Described.ride_offer (in tests.enforcement.consumers:AnnotatedConsumer): "
        "'ride.offer' was sent, at minutes: should be an integer; send what Offer declares, or correct that"
    )
    assert drift is not None
    assert (drift.direction, drift.consumer) == ("out", "tests.enforcement.consumers:AnnotatedConsumer")
    unknown = annotated.outbound('{"type": "ride.gone"}')
    assert unknown is not None
    assert unknown.cure == 'declare it with @document_event("ride.gone", payload=…) on a method of AnnotatedConsumer'
    assert "@ws_handler(output_type=…)" in str(typed.outbound('{"action": "gone"}'))


NASTY = '"\n\r\u202e\x1b[31m</script>\U0001f600' + "x" * 100_000


@pytest.mark.parametrize(
    "frame",
    [
        {"action": NASTY},
        {"action": [NASTY]},
        {"action": "cancel.ride", "ride_id": NASTY, "reason": NASTY, NASTY: 1},
        {"action": "request", "fare": NASTY, "seats": NASTY, "note": [NASTY]},
        {"action": "accept", "ride_id": NASTY, "stars": NASTY},
        {"action": "tell", "frame": {NASTY: NASTY}},
        {"action": "say", "payload": {"driver": {NASTY: 1}, "minutes": NASTY}},
        NASTY,
    ],
)
@pytest.mark.parametrize("checker", [annotated, typed])
def test_what_a_client_sent_is_neither_quoted_nor_unbounded(checker: FrameChecker, frame: Any) -> None:
    refusal = checker.refusal_of(frame if isinstance(frame, str) else json.dumps(frame))
    if refusal is None:  # typed consumers have another "tell"
        return
    text = str(refusal.drift)
    assert text.isprintable()
    assert "xxx" not in refusal.drift.what
    assert "xxx" not in refusal.drift.cure
    assert len(text) < 1200
    assert len(checker.error_text(refusal.errors)) < 10_000


def test_the_first_twenty_mistakes_are_answered_and_those_of_a_long_frame_are_not_listed() -> None:
    wrong = {"type": "ride.accepted", "at": "2024-05-01", "tags": [1] * 500}
    assert told(annotated, wrong).startswith("ride_accepted | ride.accepted | tags[0]")
    refusal = annotated.refusal_of(json.dumps({"action": "tell", "frame": [1] * 2_000_000}))
    assert refusal is not None
    assert len(refusal.errors) == 1
    many = annotated.refusal_of(json.dumps({"action": "cancel.ride", **{f"x{number}": 1 for number in range(100)}}))
    assert many is not None
    assert len(many.errors) == 20


class Inner(TypedDict, total=False):
    name: str | None


@attrs.define
class Record:
    items: list[Inner] | None = None


@dataclass
class Outer:
    record: Record | None = None
    inner: Inner = field(default_factory=lambda: Inner())
    level: int | None = 3


@pytest.mark.parametrize("direction", ["in", "out"])
def test_null_is_as_good_as_absent_for_optional_fields_of_plain_classes(direction: str) -> None:
    class Plain:
        @document_action(action="x", payload=Outer)
        @document_event("x", payload=Outer)
        async def x(self, event: Any) -> None: ...

    checker = FrameChecker(contract_of(Plain))
    out = direction == "out"
    name = {"type": "x"} if out else {"action": "x"}
    for fields in (
        {},
        {"record": None, "level": None},
        {"inner": {"name": None}},
        {"record": {"items": None}},
        {"record": {"items": [{"name": None}]}},
    ):
        assert told(checker, {**name, **fields}, out=out) == ""
    assert told(checker, {**name, "inner": None}, out=out)
    assert told(checker, {**name, "record": {"items": [None]}}, out=out)


def test_null_is_not_absent_in_models_and_schemas() -> None:
    class Model(BaseModel):
        name: str = ""

    class Strict:
        @document_event("model", payload=Model)
        async def model(self, event: Any) -> None: ...

        @document_event("schema", payload={"properties": {"name": {"type": "string"}}})
        async def schema(self, event: Any) -> None: ...

    checker = FrameChecker(contract_of(Strict))
    assert "should be a string" in told(checker, {"type": "model", "name": None})
    assert "should be a string" in told(checker, {"type": "schema", "name": None})


def test_names_on_the_wire_are_those_of_the_document() -> None:
    class Long(BaseModel):
        first_name: str

    class GoMessage(BaseMessage):
        message_kind: Literal["go"] = "go"
        payload: Long

    class Camel(Consumer[Any]):
        discriminator_field = "message_kind"
        camelize = True

        @ws_handler
        async def handle_go(self, message: GoMessage) -> GoMessage:
            return message

        @ws_handler
        async def handle_ping(self, message: PingMessage) -> PongMessage:
            return PongMessage()

    checker = checker_of(Camel)
    sent = {"messageKind": "go", "payload": {"firstName": "Ada"}}
    assert told(checker, sent) == told(checker, sent, out=False) == ""
    assert told(checker, {"messageKind": "pong", "payload": None}) == ""
    assert told(checker, {"messageKind": "error", "payload": {"detail": ""}}) == ""
    assert "payload.firstName | field required" in told(checker, {**sent, "payload": {"first_name": "Ada"}})
    assert "has no 'messageKind'" in told(checker, {"message_kind": "go"})
    assert json.loads(checker.error_text([])) == {"messageKind": "error", "payload": []}


def test_an_error_is_named_by_the_field_that_names_the_consumers_other_messages() -> None:
    assert json.loads(typed.error_text([])) == {"action": "error", "payload": []}
    assert json.loads(annotated.error_text([])) == {"type": "error", "payload": []}


def test_messages_of_base_classes_and_mixins_are_in_the_contract_and_those_taken_back_are_not() -> None:
    class Base:
        @document_event("one")
        async def one(self, event: Any) -> None: ...

        @document_event("two")
        async def two(self, event: Any) -> None: ...

    class Mixin:
        @document_event("three")
        async def three(self, event: Any) -> None: ...

    class Child(Mixin, Base):
        two = None

    checker = FrameChecker(contract_of(Child))
    assert [told(checker, {"type": name}) == "" for name in ("one", "two", "three")] == [True, False, True]


def test_two_classes_of_one_name_are_both_in_the_contract() -> None:
    class Short(BaseMessage):
        action: Literal["said"] = "said"
        payload: int

    class Long(BaseMessage):
        action: Literal["said"] = "said"
        payload: list[int]

    class Twice(Consumer[Any]):
        @ws_handler
        async def handle_ping(self, message: PingMessage) -> Short | Long: ...

    checker = checker_of(Twice)
    assert told(checker, {"action": "said", "payload": 1}) == told(checker, {"action": "said", "payload": [1]}) == ""
    assert told(checker, {"action": "said", "payload": "x"})


def test_a_consumer_that_has_a_message_named_as_one_of_the_runtimes_sends_that_one() -> None:
    class Done(CompleteMessage):
        payload: int  # type: ignore[assignment]

    class Own(Consumer[Any]):
        @ws_handler
        async def handle_ping(self, message: PingMessage) -> Done: ...

    checker = checker_of(Own)
    assert told(checker, {"action": "complete", "payload": 1}) == ""
    assert "should be an integer" in told(checker, {"action": "complete", "payload": None})


def test_a_message_that_cannot_be_described_is_known_by_its_name_alone() -> None:
    class Odd:
        @document_action(action="odd", payload=list[int])
        async def handle_odd(self, content: Any) -> None: ...

        @document_event("odd", payload=object())
        async def odd(self, event: Any) -> None: ...

    checker = FrameChecker(contract_of(Odd))
    assert told(checker, {"type": "odd", "x": 1}) == told(checker, {"action": "odd", "x": 1}, out=False) == ""
    assert told(checker, {"type": "even"})


def test_a_validator_that_quotes_its_input_is_not_logged() -> None:
    class Quoting(BaseModel):
        name: str

        @field_validator("name")
        @classmethod
        def check(cls, value: str) -> str:
            raise ValueError(f"{value} is taken")

    class Annotated:
        @document_action(payload=Quoting)
        async def handle_x(self, content: Any) -> None: ...

    refusal = FrameChecker(contract_of(Annotated)).refusal_of('{"action": "x", "name": "secret"}')
    assert refusal is not None
    assert "secret" not in str(refusal.drift)
    assert refusal.drift.what == "not valid (value_error)"
    assert refusal.errors == [{"loc": ["name"], "msg": "Value error, secret is taken", "type": "value_error"}]


def test_a_checker_is_compiled_once_and_dies_with_its_class() -> None:
    class Short(Described):
        pass

    assert checker_of(Short) is checker_of(Short)
    assert checker_of(Short) is not checker_of(Described)
    gone = weakref.ref(Short)
    del Short
    gc.collect()
    assert gone() is None


def test_the_cure_of_a_drift_from_a_json_schema_names_the_schema() -> None:
    class Described:
        @document_event("ride.moved", payload={"properties": {"at": {"type": "integer"}}, "required": ["at"]})
        async def moved(self, event: Any) -> None: ...

    drift = checker_of(Described).outbound('{"type": "ride.moved", "at": "here"}')
    assert drift is not None
    assert drift.cure == "send what its schema declares, or correct that"
