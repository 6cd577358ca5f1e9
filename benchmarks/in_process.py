"""Drives an ASGI application without a server: one connection sends, and the next message waits for all answers.

The clock runs from a first message to the last answer; the driver's own part is a few counters for each frame. A
connection is opened as servers do it: a task for each, with a scope, a ``receive`` and a ``send``.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from benchmarks import processors
from benchmarks.contenders import FLOOR, Contender
from benchmarks.pairing import in_turns
from benchmarks.protocol import DidNotFinishError
from benchmarks.scenario import Options
from benchmarks.wire import Wire

TIMEOUT = 10.0
"""Seconds after which a frame that has not come is lost."""

BATCH = 0.01
"""Seconds, at least, between two looks at the clock."""

SCOPE = {
    "type": "websocket",
    "asgi": {"version": "3.0", "spec_version": "2.4"},
    "scheme": "ws",
    "http_version": "1.1",
    "root_path": "",
    "headers": [(b"host", b"localhost"), (b"connection", b"Upgrade"), (b"upgrade", b"websocket")],
    "subprotocols": [],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 80),
    "extensions": {},
}


class Connection:
    """One client of the application, as its server sees it."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.frames = [{"type": "websocket.connect"}, *map(_text, room.wire.hello)]
        self.came = 0
        self.last: dict[str, Any] = {}

    async def receive(self) -> dict[str, Any]:
        """Give the client's first frames, and then none."""
        if self.frames:
            return self.frames.pop(0)
        return await asyncio.get_running_loop().create_future()

    async def send(self, message: dict[str, Any]) -> None:
        """Take a frame: the accept, a greeting or an answer; all are counted alike."""
        self.came += 1
        self.last = message
        self.room.left -= 1
        if self.room.left <= 0:
            self.room.all_came()


class Speaker(Connection):
    """The connection that sends."""

    async def receive(self) -> dict[str, Any]:
        if self.frames:
            return self.frames.pop(0)
        return await self.room.next_message()


class Room:
    """The connections of one application, and what is said on them.

    Args:
        app: The application.
        wire: How it talks to clients.
        members: How many connections there are.
        turns: Whether the event loop has a turn before each message, as when no client is ahead of the server.
    """

    def __init__(self, app: Any, wire: Wire, members: int, *, turns: bool = False) -> None:
        self.app = app
        self.wire = wire
        self.turns = turns
        self.members = members
        self.left = 0  # frames that are still to come
        self.due = 0  # messages that are still to be sent
        self.said = 0
        self.frame = _text(wire.say)
        self.connections: list[Connection] = [Speaker(self), *(Connection(self) for _ in range(members - 1))]
        self.tasks: list[asyncio.Task[None]] = []
        self.failure = ""
        self._batch = 1
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: self.failed(context.get("exception") or context["message"]))
        self._done: asyncio.Future[None] = loop.create_future()
        self._woken: asyncio.Future[None] | None = None

    async def open(self) -> None:
        """Open all connections, and return when all of them get what is said."""
        self.left = self.members * (1 + self.wire.greeting)
        for connection in self.connections:
            self.tasks.append(asyncio.create_task(self._serve(connection)))
        await self._done_within("connections were accepted")
        await self._until_joined()

    async def say(self, messages: int) -> float:
        """Send messages, and return seconds until all have got the last one."""
        self._done = asyncio.get_running_loop().create_future()
        self.due = messages
        self.said += messages
        started = time.perf_counter()
        self._wake()
        await self._done_within("connections got the message")
        return time.perf_counter() - started

    async def warm_up(self) -> None:
        """Find out how many messages there are to a look at the clock."""
        while await self.say(self._batch) < BATCH:
            self._batch *= 2

    async def turn(self, seconds: float) -> tuple[int, float]:
        """Send messages for about so long, and return how many, and how long it took."""
        messages, taken = 0, 0.0
        while taken < seconds:
            taken += await self.say(self._batch)
            messages += self._batch
        return messages, taken

    def check(self) -> None:
        """Raise unless every connection got every answer, once."""
        for connection in self.connections:
            if self.wire.said not in (connection.last.get("text") or ""):
                raise DidNotFinishError(f"answered with {connection.last.get('text') or connection.last}")
            if connection.came != self.said:
                raise DidNotFinishError(
                    f"a connection got {connection.came:,} of {self.said:,} messages{self._because()}"
                )

    async def close(self) -> None:
        """End all connections, without a word to the application."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def next_message(self) -> dict[str, Any]:
        """Called by the speaker's ``receive``."""
        if self.turns:
            await asyncio.sleep(0)
        while not self.due or self.left > 0:
            self._woken = asyncio.get_running_loop().create_future()
            await self._woken
        self.due -= 1
        self.left += self.members
        return self.frame

    def all_came(self) -> None:
        """Called by the ``send`` that was waited for."""
        if not self.due and not self._done.done():
            self._done.set_result(None)
        self._wake()

    def _wake(self) -> None:
        if self._woken is not None and not self._woken.done():
            self._woken.set_result(None)

    def failed(self, error: object) -> None:
        """Keep the first error, to say why something did not come."""
        if not self.failure:
            self.failure = f"{type(error).__name__}: {error}" if isinstance(error, BaseException) else str(error)

    async def _serve(self, connection: Connection) -> None:
        path, query = self.wire.path, self.wire.query.encode()
        scope = {**SCOPE, "path": path, "raw_path": path.encode(), "query_string": query, "state": {}}
        try:
            await self.app(scope, connection.receive, connection.send)
        except Exception as error:
            self.failed(error)

    async def _until_joined(self) -> None:
        """A library may accept first, and join its groups then: say something until everybody hears it."""
        end = time.perf_counter() + TIMEOUT
        while True:
            await asyncio.sleep(0.2)
            for connection in self.connections:
                connection.came = 0
            self.said = self.left = 0  # of an earlier attempt, some are missing
            trial = asyncio.ensure_future(self.say(1))
            await asyncio.wait([trial], timeout=1.0)
            if trial.done():
                trial.result()
                return
            trial.cancel()
            if time.perf_counter() > end:
                heard = sum(connection.came > 0 for connection in self.connections)
                raise DidNotFinishError(f"{heard:,} of {self.members:,} connections got a message{self._because()}")

    async def _done_within(self, what: str) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._done
        except TimeoutError:
            due = max(1, self.said - self.due)  # of each connection; while they open, the accept
            came = sum(connection.came >= due for connection in self.connections)
            raise DidNotFinishError(f"{came:,} of {self.members:,} {what}{self._because()}") from None

    def _because(self) -> str:
        return f": {self.failure}" if self.failure else ""


TURN = 0.05
"""Seconds of a turn."""


async def beside_floor(
    contender: Contender, kind: str, members: int, options: Options, *, turns: bool = False
) -> tuple[Room, float, float | None]:
    """Open a contender's room, and the floor's beside it unless that is the contender; they are measured in turns.

    Returns:
        The contender's room, the seconds that a message takes in it, and those in the floor's or None.
    """
    processors.take_the_first()
    rooms = []
    for each in dict.fromkeys((FLOOR, contender)):
        room = Room(each.app(kind, options.redis), each.wire(), members, turns=turns)
        await room.open()
        await room.warm_up()
        rooms.append(room)
    sums = await in_turns([room.turn for room in rooms], options.seconds, TURN)
    for room in rooms:
        room.check()
    return rooms[-1], 1 / sums[-1].rate, 1 / sums[0].rate if len(sums) > 1 else None


def _text(text: str) -> dict[str, Any]:
    return {"type": "websocket.receive", "text": text}
