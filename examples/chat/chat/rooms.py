"""The rooms of this process: who is there and what was said last. Everything is bounded, and gone at its end."""

from __future__ import annotations

import re
from collections import Counter, OrderedDict, deque
from datetime import UTC, datetime

from chat.messages import KEPT_POSTS, Post

KEPT_ROOMS = 200
ROOM_ID = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)


class Room:
    """One room."""

    def __init__(self) -> None:
        self._posts: deque[Post] = deque(maxlen=KEPT_POSTS)
        self._people: Counter[str] = Counter()
        self._next_id = 1

    @property
    def names(self) -> list[str]:
        """Who is here; somebody with two windows open is here once."""
        return sorted(self._people, key=str.casefold)

    def enter(self, name: str) -> None:
        self._people[name] += 1

    def leave(self, name: str) -> None:
        self._people[name] -= 1
        if self._people[name] <= 0:
            del self._people[name]

    def say(self, name: str, text: str) -> Post:
        post = Post(id=self._next_id, name=name, text=text, at=datetime.now(UTC))
        self._next_id += 1
        self._posts.append(post)
        return post

    def last(self, count: int) -> list[Post]:
        return list(self._posts)[-count:]


class Rooms:
    """The rooms by their ids, the most recently opened last."""

    def __init__(self) -> None:
        self._rooms: OrderedDict[str, Room] = OrderedDict()

    def open(self, room_id: str) -> Room:
        room = self._rooms.setdefault(room_id, Room())
        self._rooms.move_to_end(room_id)
        if len(self._rooms) > KEPT_ROOMS:
            self._forget_an_empty_one()
        return room

    def _forget_an_empty_one(self) -> None:
        empty = next((room_id for room_id, room in self._rooms.items() if not room.names), None)
        if empty is not None:
            del self._rooms[empty]


rooms = Rooms()
