"""The chat of each framework, and gates that hold its handlers back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chanspec.testing import WebsocketCommunicator
from tests.redis import redis_server, shared_redis
from tests.testing import chat

__all__ = ["redis_server", "shared_redis"]


@pytest.fixture(params=list(chat.CHATS))
def consumer(request: pytest.FixtureRequest) -> Any:
    return chat.CHATS[request.param]


@pytest.fixture
def hold() -> Iterator[Callable[[str], asyncio.Event]]:
    """Make a gate of this name, closed."""

    def hold(name: str) -> asyncio.Event:
        event = chat.GATES[name] = asyncio.Event()
        return event

    yield hold
    for event in chat.GATES.values():
        event.set()
    chat.GATES.clear()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Databases and threads of a busy machine may be slow."""
    monkeypatch.setattr(WebsocketCommunicator, "timeout", 20.0)


@pytest.fixture(autouse=True)
async def nothing_is_left() -> Any:
    """No task of a connection is left after a test."""
    before = asyncio.all_tasks()
    yield
    assert asyncio.all_tasks() - before == {asyncio.current_task()}
