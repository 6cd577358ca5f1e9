"""A Redis server for the measurements, on a free loopback port and without persistence; and what it counted."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

MISSING = "redis-server is not installed; install it with `apt-get install redis-server` or `brew install redis`"

BOOKKEEPING = ("info", "config", "config|resetstat", "ping", "client", "client|setinfo", "hello", "flushall")
"""Commands that are not part of a broadcast: ours, and those of a client that connects."""


@contextlib.contextmanager
def running_redis(port: int | None = None) -> Iterator[str]:
    """Run a server until the block is left, and give its address.

    Args:
        port: Where it listens; a free one by default.
    """
    if shutil.which("redis-server") is None:
        raise FileNotFoundError(MISSING)
    if port is None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        end = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError):
                ask(url, "PING")
                break
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError("redis-server does not start; try `redis-server --port 0` to see why")
            time.sleep(0.02)
        yield url
    finally:
        process.kill()
        process.wait()


def port_of(url: str) -> int:
    """Where the server of an address listens."""
    return urlsplit(url).port or 6379


def ask(url: str, command: str) -> str:
    """Send a command without arguments that have spaces, on a connection of its own; return the reply's text."""
    with socket.create_connection((urlsplit(url).hostname or "127.0.0.1", port_of(url)), timeout=5) as connection:
        connection.sendall(command.encode() + b"\r\n")
        with connection.makefile("rb") as lines:
            first = lines.readline().decode().rstrip()
            if first.startswith("-"):
                raise RuntimeError(f"Redis answered {command} with {first[1:]}")
            return lines.read(int(first[1:])).decode() if first.startswith("$") else first[1:]


def empty(url: str) -> None:
    """Forget everything that is stored."""
    ask(url, "FLUSHALL")


def reset_count(url: str) -> None:
    """Count commands from now on."""
    ask(url, "CONFIG RESETSTAT")


def count(url: str) -> int:
    """How many commands were executed since then, those within scripts too."""
    rows = [row for row in ask(url, "INFO commandstats").splitlines() if row.startswith("cmdstat_")]
    calls = {name[8:]: int(rest.split("=")[1].split(",")[0]) for name, rest in (row.split(":", 1) for row in rows)}
    return sum(number for name, number in calls.items() if name not in BOOKKEEPING)


def version(url: str) -> str:
    """Of the server."""
    return next(row for row in ask(url, "INFO server").splitlines() if row.startswith("redis_version")).split(":")[1]
