"""The pytest plugin: fixtures, and an eye on connections that tests leave open.

pytest imports this in every run, so it imports nothing but pytest, and does next to nothing until a test uses
chanspec's communicators. It needs no settings, and no other plugin.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from chanspec.testing.capture import BroadcastCapture
    from chanspec.testing.fixtures import WsConnect
    from chanspec.testing.tracking import Tracker

_tracker: pytest.StashKey[Tracker] = pytest.StashKey()


@pytest.fixture
def ws_connect(request: pytest.FixtureRequest) -> Iterator[WsConnect]:
    """Open WebSocket connections: ``async with ws_connect(app, "/ws/") as client``, or ``await ws_connect(…)``."""
    from chanspec.testing.fixtures import WsConnect

    tracker = _tracker_of(request.node)
    yield WsConnect(tracker)
    tracker.finish_outside()


@pytest.fixture
def captured_broadcasts() -> Iterator[BroadcastCapture]:
    """The channel events that typed consumers broadcast during the test. They are sent, unless ``suppress`` is set."""
    from chanspec.runtime.consumer import Consumer
    from chanspec.testing.capture import capture_broadcast_events

    with capture_broadcast_events(Consumer, suppress=False) as captured:
        yield captured


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Show two messages, or lists of them, that should be equal and are not as a diff."""
    if op != "==" or "chanspec.messages" not in sys.modules:
        return None
    from chanspec.testing.comparing import compared

    return compared(left, right)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Have an async test end what it opened, in its own event loop, and be told if it should have done so."""
    target = _test_of(item) if "chanspec.testing.tracking" in sys.modules else None
    if target is None:
        return (yield)
    from chanspec.testing.tracking import tracked

    owner, name = target
    test = getattr(owner, name)
    setattr(owner, name, tracked(test, _tracker_of(item)))
    try:
        return (yield)
    finally:
        setattr(owner, name, test)


def _test_of(item: pytest.Item) -> tuple[Any, str] | None:
    """Where an item has its coroutine function, if it is one of pytest's own: unittest's are run otherwise."""
    if not isinstance(item, pytest.Function) or hasattr(item.cls, "countTestCases"):
        return None
    inner = getattr(item.obj, "hypothesis", None)
    owner, name = (item, "obj") if inner is None else (inner, "inner_test")
    return (owner, name) if inspect.iscoroutinefunction(getattr(owner, name)) else None


def _tracker_of(item: pytest.Item) -> Tracker:
    if _tracker not in item.stash:
        from chanspec.testing.tracking import Tracker

        path, line, _ = item.reportinfo()
        item.stash[_tracker] = Tracker(item.nodeid, (str(path), (line or 0) + 1))
    return item.stash[_tracker]
