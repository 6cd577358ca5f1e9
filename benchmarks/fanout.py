"""One broadcast to many members of one group in this process: the hub on each layer against the floor.

    python benchmarks/fanout.py [--members 1000] [--runs 7] [--redis URL]

The floor encodes a message once and awaits one send for each member. A hub's member sends to the same ASGI callable by
stepping it once; the rows with the real outbox take the path of a connection instead. Up to ten broadcasts are on their
way at once, as with several senders. Runs alternate, so that a slow moment of the machine hits all rows. Redis rows
need ``--redis redis://127.0.0.1:6379/0`` or an installed redis-server, which is then started on a free port.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from pydantic import BaseModel

from chanspec.runtime.hub import hub_for
from chanspec.runtime.memory import InMemoryChannelLayer
from chanspec.runtime.outbox import Outbox

Run = Callable[[int], Awaitable[float]]


class Chat(BaseModel):
    """The message of all rows."""

    action: str = "chat"
    payload: dict[str, str] = {"text": "hello, everybody"}


MESSAGE = Chat()
IN_FLIGHT = 10


class Client:
    """The server's side of one connection: takes every frame at once."""

    def __init__(self) -> None:
        self.count = 0

    async def send(self, message: dict[str, Any]) -> None:
        self.count += 1


class Member(Client):
    """The least that a connection does with a frame: steps the send once."""

    wants_group_sent = False
    channel_name = ""

    def push(self, message: dict[str, Any]) -> None:
        try:  # noqa: SIM105 - suppress() would cost more than all the rest
            self.send(message).send(None)
        except StopIteration:
            pass

    def push_event(self, event: dict[str, Any]) -> None:
        raise AssertionError("no events here")


class OutboxMember(Member):
    """A member that sends through the outbox of real connections."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox = Outbox(self.send, asyncio.get_running_loop(), 256, print)
        self.outbox.release()
        self.push = self.outbox.push  # type: ignore[method-assign]


class Last(Member):
    """The one that is served last: tells when a broadcast has reached everybody."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived = asyncio.Event()

    async def send(self, message: dict[str, Any]) -> None:
        self.count += 1
        self.arrived.set()


def floor(members: int) -> Run:
    sends = [Client().send for _ in range(members)]

    async def run(broadcasts: int) -> float:
        began = time.perf_counter()
        for _ in range(broadcasts):
            frame = {"type": "websocket.send", "text": MESSAGE.model_dump_json()}
            for send in sends:
                await send(frame)
        return time.perf_counter() - began

    return run


@contextlib.asynccontextmanager
async def through_hub(layer: Any, members: int, kind: type[Member], room: str) -> AsyncIterator[Run]:
    hub = hub_for(layer)
    everybody = [*(kind() for _ in range(members - 1)), last := Last()]
    for member in everybody:
        await hub.register(member, exposed=False)
        await hub.join(room, member)

    async def run(broadcasts: int) -> float:
        before = last.count
        began = time.perf_counter()
        for number in range(1, broadcasts + 1):
            await hub.broadcast([room], MESSAGE.model_dump_json())
            due = before + (number if number == broadcasts else number - IN_FLIGHT)
            while last.count < due:
                last.arrived.clear()
                await last.arrived.wait()
        return time.perf_counter() - began

    yield run
    assert {member.count for member in everybody} == {last.count}, "a broadcast was lost"
    for member in everybody:
        await hub.unregister(member)


@contextlib.contextmanager
def redis(url: str | None) -> Iterator[str | None]:
    if url is not None or shutil.which("redis-server") is None:
        yield url
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait()


def layers(url: str | None) -> dict[str, Any]:
    """The rows: chanspec's own layer, Channels' and channels_redis' where they are installed."""
    found: dict[str, Any] = {"in-memory (chanspec)": InMemoryChannelLayer()}
    with contextlib.suppress(ImportError):
        from channels.layers import InMemoryChannelLayer as ChannelsLayer

        found["in-memory (Channels)"] = ChannelsLayer()
    if url is not None:
        from channels_redis.core import RedisChannelLayer
        from channels_redis.pubsub import RedisPubSubChannelLayer

        found["Redis queue"] = RedisChannelLayer(hosts=[url])
        found["Redis pub/sub"] = RedisPubSubChannelLayer(hosts=[url])
    return found


async def measure(members: int, runs: int, broadcasts: int, url: str | None) -> dict[str, list[float]]:
    """Microseconds per delivery, a list of runs for each row; the floor first."""
    async with contextlib.AsyncExitStack() as stack:
        rows: dict[str, Run] = {"floor": floor(members)}
        for name, layer in layers(url).items():
            for kind, suffix in ((Member, ""), (OutboxMember, ", real outbox")):
                if suffix and "Channels" in name:
                    continue  # says nothing that the row before does not
                room = f"room{len(rows)}"
                rows[name + suffix] = await stack.enter_async_context(through_hub(layer, members, kind, room))
        results: dict[str, list[float]] = {name: [] for name in rows}
        for turn in range(runs + 1):
            print(f"\rrun {turn}/{runs}", end="", file=sys.stderr, flush=True)
            for name, run in rows.items():
                taken = await run(broadcasts) / broadcasts / members * 1e6
                if turn:  # the first one warms up
                    results[name].append(taken)
        print(file=sys.stderr)
        return results


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--members", type=int, default=1000)
    arguments.add_argument("--runs", type=int, default=7)
    arguments.add_argument("--broadcasts", type=int, default=200)
    arguments.add_argument("--redis", metavar="URL")
    chosen = arguments.parse_args()
    with redis(chosen.redis) as url:
        results = asyncio.run(measure(chosen.members, chosen.runs, chosen.broadcasts, url))
    print(f"{chosen.members} members, {chosen.runs} alternating runs of {chosen.broadcasts} broadcasts")
    print(
        "| layer | µs per delivery, median (lowest to highest) | times the floor, median of runs (lowest to highest) |"
    )
    print("|---|---|---|")
    for name, taken in results.items():
        ratios = [ours / base for ours, base in zip(taken, results["floor"], strict=True)]
        micro = f"{statistics.median(taken):.3f} ({min(taken):.3f} to {max(taken):.3f})"
        print(f"| {name} | {micro} | {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}) |")


if __name__ == "__main__":
    main()
