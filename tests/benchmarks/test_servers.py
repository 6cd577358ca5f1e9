"""Measurements through a real server, by clients that work on bytes."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import asdict
from json import dumps
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from benchmarks import connections, echo, fanout, outage, redis_server, serve, through_uvicorn
from benchmarks.clients import Client, Crowd, frame
from benchmarks.contenders import FLOOR, OURS, Contender
from benchmarks.protocol import DidNotFinishError
from benchmarks.scenario import BESIDE, Options
from benchmarks.server import ROOT, Server, running_server
from benchmarks.wire import Wire
from tests.redis import RedisServer, shared_redis  # noqa: F401 - a fixture

FEW = Options(seconds=0.1, connections=3, crowd=5, idle=20)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="the system does not say what a process has loaded")
@pytest.mark.parametrize("contender", [FLOOR, FLOOR.on_uvloop()], ids=lambda each: each.loop)
def test_a_server_is_on_the_event_loop_of_its_contender(contender: Contender) -> None:
    with running_server(contender, "echo", None) as server:
        echo_once(server)
        assert ("uvloop" in Path(f"/proc/{server._process.pid}/maps").read_text()) == (contender.loop == "uvloop")


def test_an_answer_is_not_kept_back_until_the_last_one_is_acknowledged() -> None:
    async def is_sent_at_once() -> bool:
        told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            told.set_result(bool(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            writer.close()

        async with await asyncio.start_server(accept, sock=serve.listen()) as server:
            _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            try:
                return await told
            finally:
                writer.close()
                await writer.wait_closed()

    assert asyncio.run(is_sent_at_once())


def echo_once(server: Server) -> None:
    async def once() -> None:
        async with Crowd(server.port, Wire()) as crowd:
            await crowd.grow(1)

    asyncio.run(once())


def test_the_floor_beside_a_contender_is_on_the_same_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def watched(contender: Contender, *rest: Any) -> AbstractContextManager[Server]:
        started.append((contender.key, contender.loop))
        return running_server(contender, *rest)

    monkeypatch.setattr(through_uvicorn, "running_server", watched)
    assert_beside_floor(echo.behind_uvicorn(OURS.on_uvloop(), FEW), "messages", OURS)
    assert started == [("floor", "uvloop"), ("chanspec", "uvloop")]


@pytest.mark.parametrize("contender", [FLOOR, OURS], ids=lambda each: each.key)
def test_messages_are_answered_through_a_server(contender: Contender) -> None:
    assert_beside_floor(echo.behind_uvicorn(contender, FEW), "messages", contender)


@pytest.mark.parametrize("contender", [FLOOR, OURS], ids=lambda each: each.key)
def test_everybody_hears_a_message_through_a_server(contender: Contender) -> None:
    assert_beside_floor(fanout.behind_uvicorn(contender, FEW), "deliveries", contender)


def assert_beside_floor(found: dict[str, float], metric: str, contender: Contender) -> None:
    assert found.keys() == {metric, "busy"} | ({BESIDE + metric} if contender is not FLOOR else set())
    assert all(value > 0 for key, value in found.items() if key != "busy")


def test_idle_connections_have_a_size() -> None:
    assert connections.memory(FLOOR, FEW).keys() == {"memory"}


@pytest.mark.parametrize("contender", [FLOOR, OURS], ids=lambda each: each.key)
def test_connections_are_accepted(contender: Contender) -> None:
    assert_beside_floor(connections.accepted(contender, FEW), "accepted", contender)


@pytest.mark.usefixtures("shared_redis")  # where there is none to start, it says so
def test_everybody_hears_again_after_redis_came_back_empty() -> None:
    assert outage.measure(OURS.on("queue"), FEW)["again"] > 0


def test_a_server_that_cannot_start_says_why() -> None:
    missing = Contender("missing", "missing", "there_is_no_such_module")
    with (
        pytest.raises(DidNotFinishError, match=r"did not start: .*there_is_no_such_module"),
        running_server(missing, "echo", None),
    ):
        pass


async def test_a_handshake_that_is_refused_is_told() -> None:
    with running_server(OURS, "echo", None) as server:
        async with Crowd(server.port, Wire(query="\x01")) as crowd:
            with pytest.raises(DidNotFinishError, match=r"answered with HTTP/1.1 400"):
                await crowd.grow(1)


def test_a_server_ends_with_whoever_started_it() -> None:
    told = dumps({"contender": asdict(FLOOR), "kind": "echo", "redis": None})
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.serve", told],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        assert b"port" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()  # type: ignore[union-attr]


class Line:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 9)), max_size=12), st.booleans(), st.data())
@settings(max_examples=60, deadline=None)
def test_frames_are_counted_however_they_are_cut(texts: list[tuple[int, int]], has_pings: bool, data: Any) -> None:
    async def counted() -> None:
        failures: list[str] = []
        client = Client(Wire(greeting=1), lambda client, frames: None, failures.append)
        client.connection_made(Line())  # type: ignore[arg-type]
        ping = Frame(Opcode.PING, b"x").serialize(mask=False) if has_pings else b""
        sent = b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + Frame(Opcode.TEXT, b"welcome").serialize(mask=False)
        for length, times in texts:
            sent += Frame(Opcode.TEXT, b'["said"]' + b"x" * length).serialize(mask=False) * times + ping
        while sent:
            size = data.draw(st.integers(1, len(sent)))
            client.data_received(sent[:size])
            sent = sent[size:]
        assert client.answers == sum(times for _, times in texts)
        assert client.ready.done()
        assert not failures

    asyncio.run(counted())


@given(st.text(max_size=300))
def test_a_frame_is_what_a_client_library_sends(text: str) -> None:
    made = frame(text)
    payload = text.encode()
    assert made.endswith(payload)
    assert made[0] == 0x81
    assert made[1] & 0x80, "clients mask (RFC 6455, 5.1)"


def test_commands_to_redis_are_counted_without_our_own(shared_redis: RedisServer) -> None:  # noqa: F811
    redis_server.empty(shared_redis.url)
    redis_server.reset_count(shared_redis.url)
    redis_server.ask(shared_redis.url, "SET a 1")
    redis_server.ask(shared_redis.url, "PUBLISH b 2")
    assert redis_server.count(shared_redis.url) == 2
    assert redis_server.version(shared_redis.url)[0].isdigit()
    with pytest.raises(RuntimeError, match="unknown command"):
        redis_server.ask(shared_redis.url, "NONSENSE")
