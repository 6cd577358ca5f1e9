"""nginx, with a configuration of the documentation's."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.programs import NGINX

START_SECONDS = 30


@contextmanager
def running_nginx(told: str, folder: Path, ports: list[int]) -> Iterator[None]:
    """Runs nginx until the block ends. Everything that it writes goes to the folder.

    Args:
        told: What stands in the block `http`.
        folder: Where it works.
        ports: Those that it listens on.
    """
    NGINX.needed()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder / kind};\n" for kind in kinds)
    config = folder / "nginx.conf"
    user = "user root;\n" if os.getuid() == 0 else ""
    config.write_text(
        f"{user}pid {folder / 'pid'};\nerror_log {folder / 'error.log'};\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}{told}\n}}\n"
    )
    command = ["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(config), "-g", "daemon off;"]
    process = subprocess.Popen(command)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not all(map(is_open, ports)):
            assert process.poll() is None, (folder / "error.log").read_text()
            assert time.monotonic() < deadline, "nginx did not start"
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def is_open(port: int) -> bool:
    """Whether somebody listens on a port."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
