"""A server with one application, in a process of its own: ``python -m benchmarks.serve APPLICATION``.

``APPLICATION`` is a JSON object: ``contender`` and ``kind`` (see :mod:`benchmarks.apps`), ``layer`` and ``redis``. The
port is written to standard output once connections are queued. It is uvicorn on the contender's event loop, without
logging. It ends when its standard input does, so that it does not outlive who started it.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading

import uvicorn

from benchmarks import processors
from benchmarks.contenders import Contender
from benchmarks.protocol import Reporter


def main() -> None:
    """Serve until standard input ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    processors.take_the_first()
    reporter = Reporter()
    told = json.loads(sys.argv[1])
    contender = Contender(**told["contender"])
    app = contender.app(told["kind"], told["redis"])
    listening = listen()
    config = uvicorn.Config(app, loop=contender.loop, log_level="error", access_log=False, lifespan="off")
    reporter.result({"port": listening.getsockname()[1]})
    uvicorn.Server(config).run(sockets=[listening])


def listen() -> socket.socket:
    """Listen on a free port of the loopback interface, as uvicorn does where it is given an address.

    The protocol is named, because asyncio sets TCP_NODELAY only then: without it, the system keeps a second answer
    back until the client has acknowledged the first, some 10 to 40 ms.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(2048)
    return listening


def _end_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
