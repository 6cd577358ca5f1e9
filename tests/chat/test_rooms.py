"""What the example keeps of its rooms is bounded."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.chat.conftest import EXAMPLE


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    import chat.rooms

    yield chat.rooms
    for name in [name for name in sys.modules if name.partition(".")[0] == "chat"]:
        del sys.modules[name]


def test_only_the_last_posts_are_kept(module):
    room = module.Room()
    for number in range(module.KEPT_POSTS + 5):
        room.say("Ada", str(number))
    kept = room.last(1000)
    assert [post.text for post in kept] == [str(number) for number in range(5, module.KEPT_POSTS + 5)]
    assert kept[-1].id == module.KEPT_POSTS + 5


def test_the_room_that_is_empty_longest_is_forgotten(module):
    rooms = module.Rooms()
    rooms.open("busy").enter("Ada")
    rooms.open("quiet").say("Ada", "hello")
    for number in range(module.KEPT_ROOMS):
        rooms.open(f"room-{number}")
    assert rooms.open("busy").names == ["Ada"]
    assert rooms.open("quiet").last(1) == []
    assert len(rooms._rooms) == module.KEPT_ROOMS


def test_somebody_with_two_windows_leaves_with_the_second(module):
    room = module.Room()
    room.enter("Ada")
    room.enter("Ada")
    room.leave("Ada")
    assert room.names == ["Ada"]
    room.leave("Ada")
    assert room.names == []
