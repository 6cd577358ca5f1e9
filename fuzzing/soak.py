"""A real server, healthy clients that talk without a pause, and others that stall, flood, vanish and send garbage.

A round ends with quiet: the others are gone, and the server says what it holds. Nothing may grow from one quiet to the
next, no healthy client may lose a message or get one twice or out of order, and none may wait because of the others.
On Redis there is a fault in every other round: a restart, killed connections, a stop. Broadcasts may be lost then, and
nothing else; after it everybody hears everybody again.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from random import Random
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from fuzzing.mutators import garbled, mangled, written
from fuzzing.session import Case, Session
from tests.ports import reserved_port
from tests.redis import RedisServer, running_redis

ABOUT = "a real server over time, with clients of every kind and faults"
SHARE = 0.15

HEALTHY = 5
TROUBLE = 8
ECHOES, BROADCASTS = 30, 4
TEXT = "The quick brown fox jumps over the lazy dog. " * 40
PATIENCE = 60.0
WARM_UP = 3
SLOW = 0.25  # seconds: what half of the healthy clients' messages take at most, where times are looked at
FLOOD = 2_000
RSS_SPARE, OBJECTS_SPARE = 12 * 2**20, 200
NOT_OURS = "socket.send() raised exception."
"""asyncio's warning of answers to a connection that was just lost, of which its server has not told the application."""
SERVERS = (("memory", "asyncio"), ("memory", "uvloop"), ("pubsub", "asyncio"), ("queue", "uvloop"))


class Unwell(Exception):  # noqa: N818 - a verdict
    """Something that must not happen."""


class Healthy:
    """A client that keeps to the rules, and counts.

    Attributes:
        waited: Seconds from each message to its answer.
        heard: The last number of each speaker.
        missed: Broadcasts that did not come.
    """

    def __init__(self, name: str, connection: ClientConnection) -> None:
        self.name = name
        self.connection = connection
        self.waited: list[float] = []
        self.heard: dict[str, int] = {}
        self.missed = 0
        self.said = self.asked = 0
        self.failed = 0
        self._answered = asyncio.Event()
        self._changed = asyncio.Event()
        self.reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for frame in self.connection:
            message = json.loads(frame)
            match message["action"]:
                case "echoed":
                    if message["payload"]["number"] != self.asked:
                        raise Unwell(f"{self.name} got an answer to another message than its last")
                    self._answered.set()
                case "said":
                    self._hear(message["payload"]["client"], message["payload"]["number"])
                case "failed":
                    self.failed += 1
                case other:
                    raise Unwell(f"{self.name} got {other!r}")

    def _hear(self, speaker: str, number: int) -> None:
        last = self.heard.get(speaker, number - 1)
        if number <= last:
            raise Unwell(f"{self.name} heard {number} of {speaker} after {last}: twice, or out of order")
        self.missed += number - last - 1
        self.heard[speaker] = number
        self._changed.set()

    async def echo(self) -> None:
        self.asked += 1
        self._answered.clear()
        began = time.perf_counter()
        await self._send("echo", self.asked)
        await self._wait(self._answered, "an answer")
        self.waited.append(time.perf_counter() - began)

    async def say(self) -> None:
        self.said += 1
        await self._send("say", self.said, TEXT)

    async def hears(self, everybody: list[Healthy]) -> None:
        """Wait until the last broadcast of everybody has come."""
        while any(self.heard.get(each.name, 0) < each.said for each in everybody):
            self._changed.clear()
            await self._wait(self._changed, "a broadcast")

    async def _wait(self, event: asyncio.Event, what: str) -> None:
        waiting = asyncio.create_task(event.wait())
        await asyncio.wait({waiting, self.reader}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            if self.reader.done() and not self.reader.cancelled() and (error := self.reader.exception()):
                raise Unwell(str(error)) from error
            raise Unwell(f"{self.name} waits for {what} in vain")

    async def _send(self, action: str, number: int, text: str = "") -> None:
        try:
            await self.connection.send(
                json.dumps({"action": action, "payload": {"client": self.name, "number": number, "text": text}})
            )
        except ConnectionClosed as error:
            raise Unwell(f"{self.name} was closed: {error}") from error


# Others

QUIETLY: dict[str, Any] = {"ping_interval": None, "close_timeout": 1}


async def stall(url: str, random: Random) -> None:
    """Join, ask for much, and read nothing."""
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.setblocking(False)
        loop = asyncio.get_running_loop()
        host, _, port = url.removeprefix("ws://").partition("/")[0].partition(":")
        await loop.sock_connect(raw, (host, int(port)))
        async with connect(url, sock=raw, max_queue=1, compression=None, **QUIETLY) as connection:
            for number in range(200):
                await connection.send(_frame("echo", number, TEXT))
            connection.transport.abort()


async def flood(url: str, random: Random) -> None:
    """Send as fast as the socket takes it, and take what comes."""
    async with connect(url, **QUIETLY) as connection:
        for number in range(FLOOD):
            await connection.send(_frame("echo", number))
        for _ in range(FLOOD):
            await connection.recv()


async def vanish(url: str, random: Random) -> None:
    """Go without a word, in the middle of something."""
    connection = await connect(url, **QUIETLY)
    for number in range(random.randrange(5)):
        await connection.send(_frame(random.choice(("echo", "echo", "nothing")), number))
    connection.transport.abort()
    await connection.wait_closed()


async def garbage(url: str, random: Random) -> None:
    """Send what is nearly a message, and what is none."""
    async with connect(url, **QUIETLY) as connection:
        for number in range(20):
            value, raw = mangled(random, {"action": "echo", "payload": {"client": "x", "number": number, "text": "x"}})
            text = written(value, raw)
            await connection.send(garbled(random, text) if random.random() < 0.6 else text)
        await connection.send(_frame("echo", -1))
        while '"number":-1' not in str(await connection.recv()):
            pass


async def refused(url: str, random: Random) -> None:
    """Come without a name."""
    async with connect(url.partition("?")[0], **QUIETLY) as connection:
        await connection.recv()


async def large(url: str, random: Random) -> None:
    """Send the largest frame that is allowed, and one that is not."""
    async with connect(url, **QUIETLY, max_size=None) as connection:
        await connection.send(_frame("echo", 1, "x" * 500_000))
        await connection.recv()
        await connection.send(_frame("echo", 1, "x" * 1_200_000))
        while True:
            await connection.recv()


OTHERS: tuple[Callable[[str, Random], Awaitable[None]], ...] = (stall, flood, vanish, garbage, refused, large)


def _frame(action: str, number: int, text: str = "") -> str:
    return json.dumps({"action": action, "payload": {"client": "other", "number": number, "text": text}})


class Server:
    """The server's process.

    Args:
        kind: Of the layer.
        loop: The event loop.
        redis: What the layer is on.
    """

    def __init__(self, kind: str, loop: str, redis: RedisServer | None, port: int) -> None:
        self.kind, self.loop, self.redis, self.port = kind, loop, redis, port
        self.url = f"ws://127.0.0.1:{port}/?name=x"
        arguments = [kind, redis.url if redis else "-", str(port), loop]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fuzzing.soak_server", *arguments], stderr=subprocess.PIPE, text=True
        )

    async def figures(self) -> dict[str, Any]:
        """What it holds."""

        def ask() -> Any:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/figures", timeout=PATIENCE) as answer:
                return json.load(answer)

        return await asyncio.to_thread(ask)  # type: ignore[no-any-return]

    async def ready(self) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError):
                await self.figures()
                return
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the server does not start")
            await asyncio.sleep(0.05)

    def stop(self) -> str:
        """End it; returns what it wrote as errors."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.communicate(timeout=PATIENCE)[1]
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.communicate()[1] + "\nthe server does not stop"


class Soak:
    """Some rounds on one server."""

    def __init__(self, session: Session, server: Server, *, timed: bool) -> None:
        self.session, self.server, self._timed = session, server, timed
        self.clients: list[Healthy] = []
        self.held: list[dict[str, Any]] = []
        self.waited: list[float] = []
        self.sent = self.lost = 0

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        await self.server.ready()
        async with contextlib.AsyncExitStack() as stack:
            for index in range(HEALTHY):
                connection = await stack.enter_async_context(
                    connect(self.server.url, ping_interval=None, max_size=None)
                )
                self.clients.append(Healthy(f"client {index}", connection))
            try:
                yield
            finally:
                for each in self.clients:
                    each.reader.cancel()
                await asyncio.gather(*(each.reader for each in self.clients), return_exceptions=True)

    async def round(self, random: Random, number: int) -> None:
        """Talk while others do harm; then look.

        Raises:
            Unwell: Something is not as it must be.
        """
        fault = self.server.redis is not None and number % 2 == 1
        others = [self._harm(random.choice(OTHERS), Random(random.random())) for _ in range(TROUBLE)]
        talk = [self._talk(each) for each in self.clients]
        await asyncio.gather(*talk, *others, *([self._fault(random)] if fault else ()))
        if fault:
            await self._recovered()
        for each in self.clients:
            await each.hears(self.clients)
            if each.missed and not fault:
                raise Unwell(f"{each.name} lost {each.missed} broadcasts without a fault")
            self.lost, each.missed = self.lost + each.missed, 0
        waits = [each for client in self.clients for each in client.waited]
        for each in self.clients:
            each.waited.clear()
        if not fault:
            self.waited += waits
            if self._timed and statistics.median(waits) > SLOW:
                raise Unwell(f"half of the answers took {statistics.median(waits):.2f} s or more while others did harm")
        await self._quiet()

    async def _talk(self, client: Healthy) -> None:
        for number in range(ECHOES):
            await client.echo()
            if number % (ECHOES // BROADCASTS) == 0:
                await client.say()
                self.sent += 1

    async def _harm(self, other: Callable[[str, Random], Awaitable[None]], random: Random) -> None:
        with contextlib.suppress(ConnectionClosed, InvalidHandshake, OSError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await other(self.server.url, random)

    async def _fault(self, random: Random) -> None:
        redis = self.server.redis
        assert redis is not None
        assert redis.process is not None
        match random.choice(("restart", "kill", "kill", "stop")):
            case "restart":
                await asyncio.to_thread(redis.stop)
                await asyncio.sleep(0.5)  # an outage has a length
                await asyncio.to_thread(redis.start)
            case "kill":
                for kind in ("pubsub", "normal"):
                    await asyncio.to_thread(redis.ask, f"CLIENT KILL TYPE {kind}")
            case _:
                redis.process.send_signal(signal.SIGSTOP)
                await asyncio.sleep(1.0)
                redis.process.send_signal(signal.SIGCONT)

    async def _recovered(self) -> None:
        """Speak until all hear the same speaker's last word."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for each in self.clients:
                await each.say()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    for each in self.clients:
                        await each.hears(self.clients)
                    return
        raise Unwell(f"{PATIENCE:.0f} s after a fault of Redis not everybody hears everybody")

    async def _quiet(self) -> None:
        end = time.monotonic() + PATIENCE
        while (held := await self.server.figures())["members"] != HEALTHY:
            if time.monotonic() > end:
                raise Unwell(f"{held['members']} memberships are left of {HEALTHY} connections")
            await asyncio.sleep(0.05)
        self.held.append(held)

    def growth(self) -> list[str]:
        """What grew since the warm-up; nothing where there were too few rounds to tell."""
        after = self.held[WARM_UP:]
        if len(after) < 6:
            return []
        third = len(after) // 3
        early, late = after[:third], after[-third:]
        grown = []
        for name, spare in (("rss", RSS_SPARE), ("tasks", 4), ("files", 4)):
            before, now = (statistics.median(each[name] for each in part) for part in (early, late))
            if now > before * 1.1 + spare:
                grown.append(f"{name} grew from {before:,.0f} to {now:,.0f}")
        for kind in late[-1]["objects"]:
            before = max(each["objects"].get(kind, 0) for each in early)
            now = min(each["objects"].get(kind, 0) for each in late)
            if now > before * 1.1 + OBJECTS_SPARE:
                grown.append(f"{kind} grew from {before:,} to {now:,}")
        return grown

    def figures(self) -> str:
        held = self.held[WARM_UP:] or self.held
        if not held:
            return "no round"
        rss = (held[-1]["rss"] - held[0]["rss"]) / 2**20
        took = f", half of the answers within {statistics.median(self.waited) * 1000:.1f} ms" if self.waited else ""
        return (
            f"{len(self.held)} rounds{took}, {self.sent * HEALTHY:,} broadcasts heard but {self.lost}, "
            f"{rss:+.1f} MiB, {held[-1]['tasks'] - held[0]['tasks']:+d} tasks, "
            f"{held[-1]['files'] - held[0]['files']:+d} files"
        )


def fuzz(session: Session) -> None:
    """Soak each kind of server for its part of the session; with a count of rounds, the first one only."""
    has_redis = session.redis and shutil.which("redis-server") is not None
    servers = [
        (kind, loop)
        for kind, loop in SERVERS
        if (kind == "memory" or has_redis) and (loop == "asyncio" or importlib.util.find_spec("uvloop") is not None)
    ]
    if session.seconds is None:
        servers = servers[:1]
    whole = session.seconds
    for index, (kind, loop) in enumerate(servers):
        if whole is not None:
            session.seconds = whole * (index + 1) / len(servers)
        _on(session, kind, loop)
    session.seconds = whole


def _on(session: Session, kind: str, loop: str) -> str | None:
    """Soak one server; returns what went wrong."""
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(running_redis()) if kind != "memory" else None
        server = Server(kind, loop, redis, stack.enter_context(reserved_port()))
        soak, wrong = Soak(session, server, timed=session.seconds is not None), None
        before = session.done
        try:
            wrong = asyncio.run(_rounds(session, soak))
        finally:
            errors = [line for line in server.stop().splitlines() if line.strip() and line != NOT_OURS]
        wrong = wrong or next(iter(soak.growth()), None)
        if wrong is None and errors:
            wrong = f"the server wrote to standard error: {' / '.join(errors[-5:])[-400:]}"
        session.figures[f"{kind}, {loop}"] = soak.figures()
        if wrong is not None:
            rounds = session.done - before + 1
            session.failed(
                f"{kind} {loop}",
                f"{kind} on {loop}: {wrong}",
                {"kind": kind, "loop": loop, "rounds": rounds, "seed": session.seed},
            )
        return wrong


async def _rounds(session: Session, soak: Soak) -> str | None:
    async with soak.open():
        for number, random in enumerate(session.cases()):
            try:
                await soak.round(random, number)
            except Unwell as unwell:
                return str(unwell)
    return None


def replay(case: Case) -> str | None:
    """As many rounds as it took, on such a server. What depends on time need not show again."""
    return _on(Session("soak", case["seed"], count=case["rounds"]), case["kind"], case["loop"])
