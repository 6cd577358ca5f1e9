"""A real Redis on a free loopback port, which a test may stop and start again, and the layers over it."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.ports import reserved_port
from tests.programs import REDIS


class RedisServer:
    """One ``redis-server`` process without persistence: stopped and started, it comes back empty, on the same port."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start the server and return when it answers."""
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if self.ask("PING") == b"+PONG":
                    return
            assert self.process.poll() is None, "redis-server ended at once"
            time.sleep(0.01)  # leaves the processor to it
        raise AssertionError("redis-server does not answer")

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def ask(self, command: str) -> bytes:
        """Send one inline command by a socket of its own and return the first line, or the whole bulk reply."""
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection,
            connection.makefile("rb") as lines,
        ):
            connection.sendall(command.encode() + b"\r\n")
            first = lines.readline().rstrip()
            if first.startswith(b"$"):
                return lines.read(int(first[1:]))
            return first

    def calls(self) -> dict[str, int]:
        """How often each command was called since the server started or ``CONFIG RESETSTAT``."""
        rows = [row for row in self.ask("INFO commandstats").decode().splitlines() if row.startswith("cmdstat_")]
        return {name[8:]: int(rest.split("=")[1].split(",")[0]) for name, rest in (row.split(":", 1) for row in rows)}


@contextlib.contextmanager
def running_redis() -> Iterator[RedisServer]:
    """A server for one test; skips where Redis is not installed, but fails in CI."""
    REDIS.needed()
    with reserved_port() as port:
        server = RedisServer(port)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def shared_redis() -> Iterator[RedisServer]:
    """A server for tests that leave it running."""
    with running_redis() as server:
        yield server


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A server for a test that stops it."""
    with running_redis() as server:
        yield server
