"""``python -m chat``: serves the example on this machine. $PORT is the port (8000); 0 takes any free one."""

from __future__ import annotations

import errno
import os
import socket
import sys

import uvicorn

HOST = "127.0.0.1"
LARGEST_FRAME = 64 * 1024


def main() -> None:
    listener = listen(os.environ.get("PORT") or "8000")
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    # Flushed, for whoever reads this through a pipe.
    print(
        f"The chat is at    {url}/\n"
        f"Its docs are at   {url}/ws-docs/\n"
        "\nOpen it in two windows and say two names. Ctrl-C stops it.",
        flush=True,
    )
    config = uvicorn.Config("chat.app:app", log_level="warning", ws_max_size=LARGEST_FRAME, timeout_graceful_shutdown=2)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        return


def listen(port: str) -> socket.socket:
    """A listening socket; otherwise one sentence that says why not, and the end."""
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        sys.exit(f"The port must be a number from 0 to 65535, not {port!r}.")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, int(port)))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            sys.exit(f"Port {port} is taken: choose another, as in `make demo-chat PORT=8001`.")
        sys.exit(f"Cannot listen on {HOST}:{port}: {error.strerror}.")
    return listener


if __name__ == "__main__":
    main()
