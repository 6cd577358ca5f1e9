"""A port for a server that has to be told one: chosen freely, and kept from everybody else while the server uses it."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reserved_port() -> Iterator[int]:
    """A free port of the loopback interface.

    A port that was only asked for may be somebody else's before the server has it: tests in other processes ask for
    ports all the time. So a socket stays bound to it, which does not listen. Linux gives such a port to nobody who asks
    for any, but to a server that asks for it by its number and sets SO_REUSEADDR, as all of ours do; until it listens,
    connections are refused. Other systems do not, so there the port is free from the beginning.
    """
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", 0))
        port: int = keeper.getsockname()[1]
        if sys.platform != "linux":
            keeper.close()
        yield port
