"""Whatever is declared, the official parser takes the document; and a larger project takes no more than its share."""

from __future__ import annotations

import cProfile
import gc
import pstats
from dataclasses import make_dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import create_model

from chanspec import AsyncAPIGenerator, document_action, document_event
from tests.nasty import NASTY
from tests.official_parser.plugin import OfficialParser
from tests.schemas import INSTANCES, documents

_ODD_NAMES = ["ping", "ride.offer", "ride_offer", "handle_", "hasOwnProperty", "__proto__", "constructor", "toString"]
_ODD_NAMES += ["1", "-", "_", "é", "привет", "a/b", "Ping", "PING", "x-y", "$ref", "schema", "length", "<<", "<b>"]
NAMES = (st.text(min_size=1, max_size=8) | st.sampled_from(_ODD_NAMES)).filter(
    lambda name: not any(map(str.isspace, name))
)
EXAMPLES = (
    INSTANCES
    | st.fixed_dictionaries({"payload": INSTANCES}, optional={"name": NASTY, "summary": NASTY, "headers": INSTANCES})
    | st.just({"payload": {"action": "ping", "type": "ping"}})
)
PAYLOADS = (
    st.none()
    | documents()
    | documents().map(lambda schema: {**schema, "type": "object"})
    | st.sampled_from([dict, int, list[int], dict[str, int], float | None])
)
SHORTHAND = st.dictionaries(
    NAMES, st.sampled_from(["uuid", "string", int, {"a": "uuid"}, {"type": "string"}, "unknown"]), max_size=3
)
_DESCRIPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "summary": NASTY,
    "description": NASTY,
    "payload": PAYLOADS,
    "examples": st.lists(EXAMPLES, max_size=2),
    "tags": st.lists(NASTY, max_size=2),
    "deprecated": st.booleans(),
}
_RESPONSES = {"responses": st.dictionaries(NAMES, PAYLOADS | SHORTHAND, max_size=2)}


@st.composite
def consumers(draw: st.DrawFn) -> type:
    methods: dict[str, Any] = {"__doc__": draw(NASTY)}
    for number in range(draw(st.integers(0, 3))):

        async def method(self: Any) -> None: ...

        if draw(st.booleans()):
            described = draw(st.fixed_dictionaries({}, optional=_DESCRIPTIONS | _RESPONSES))
            methods[f"handle_{number}"] = document_action(action=draw(NAMES), **described)(method)
        else:
            described = draw(st.fixed_dictionaries({}, optional=_DESCRIPTIONS))
            methods[f"event_{number}"] = document_event(draw(NAMES), **described)(method)
    return type("Consumer", (), methods)


_SEGMENTS = st.sampled_from(["ws", "chat", "a b", "é", "%zz", "hasOwnProperty", "1", "..", "$&", "a.b"])
_PARAMETERS = st.sampled_from(["", "{room_id}/", "<int:pk>/", "{a:uuid}/{b}/"])
ADDRESSES = st.builds(
    lambda parts, tail: "/" + "".join(f"{p}/" for p in parts) + tail, st.lists(_SEGMENTS, max_size=3), _PARAMETERS
)


@given(
    st.lists(st.tuples(consumers(), ADDRESSES), min_size=1, max_size=2),
    st.fixed_dictionaries(
        {},
        optional={
            "perspective": st.sampled_from(["server", "client"]),
            "asyncapi_version": st.sampled_from(["3.0.0", "3.1.0"]),
            "info": st.fixed_dictionaries({}, optional={"title": NASTY, "description": NASTY}),
            "servers": st.just({"default": {"host": "example.com", "protocol": "wss"}}),
            "query_param": st.just("token"),
            "cookie_name": st.just("sessionid"),
        },
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_official_parser_takes_every_document(
    official_parser: OfficialParser, pairs: list[tuple[type, str]], options: dict[str, Any]
) -> None:
    generator = AsyncAPIGenerator(consumers=pairs, **options)
    official_parser.check(generator.get_yaml())
    assert all(problem.where and problem.what and problem.cure for problem in generator.problems)


def project(size: int) -> list[tuple[type, str]]:
    """Consumers with ten messages each, whose payloads are classes of their own and share others."""
    point = create_model("Point", x=(int, ...))
    found = []
    for number in range(size):
        methods: dict[str, Any] = {}
        for action in range(5):

            async def method(self: Any) -> None: ...

            payload = create_model("Payload", at=(point, ...), **{f"field_{number}_{action}": (int, ...)})
            responses = {f"done.{action}": make_dataclass("Done", [("at", point), (f"n{number}", int)])}
            methods[f"handle_{action}"] = document_action(payload=payload, responses=responses)(method)
        found.append((type(f"Consumer{number}", (), methods), f"/ws/{number}/"))
    return found


def work(size: int) -> int:
    pairs = project(size)
    profile = cProfile.Profile()
    gc.collect()
    gc.disable()  # what it would call, and for whose garbage, depends on the tests before
    try:
        profile.runcall(lambda: AsyncAPIGenerator(consumers=pairs).get_spec())
    finally:
        gc.enable()
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]


@pytest.mark.timeout(300)
def test_twice_as_many_consumers_are_twice_the_work() -> None:
    work(1)  # what is loaded once
    assert work(40) <= 2.2 * work(20)
