"""Starts :mod:`benchmarks.serve` for a measurement, and looks at the process: its memory, and whether it is busy."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO

from benchmarks.contenders import Contender
from benchmarks.protocol import DidNotFinishError, read, shortened

ROOT = Path(__file__).parent.parent


class Server:
    """A running server.

    Attributes:
        port: Where it listens, on the loopback interface.
    """

    def __init__(self, process: subprocess.Popen[str], port: int, log: IO[str]) -> None:
        self.port = port
        self._process = process
        self._log = log

    def resident(self) -> int:
        """Bytes of memory that it has in use."""
        asked = ["ps", "-o", "rss=", "-p", str(self._process.pid)]
        return int(subprocess.run(asked, capture_output=True, text=True, check=True).stdout) * 1024

    def busy(self) -> float:
        """Seconds that it was on a processor; not a number where the system does not say."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return float("nan")
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def last_words(self) -> str:
        """The last line that it wrote to standard error, after a colon, or nothing."""
        self._log.seek(0)
        lines = [line for line in self._log.read().splitlines() if line.strip()]
        return f": {shortened(lines[-1])}" if lines else ""


@contextlib.contextmanager
def running_server(contender: Contender, kind: str, redis: str | None) -> Iterator[Server]:
    """Serve an application until the block is left; a failure in the block says what the server said last."""
    told = json.dumps({"contender": asdict(contender), "kind": kind, "redis": redis})
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.serve", told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=ROOT,
        )
        try:
            assert process.stdout is not None
            said = process.stdout.readline()
            if not said:
                process.wait()
                log.seek(0)
                raise DidNotFinishError(f"the server did not start: {log.read().strip().rpartition(chr(10))[2]}")
            server = Server(process, int(read(said)["port"]), log)
            try:
                yield server
            except DidNotFinishError as failure:
                raise DidNotFinishError(f"{failure}{server.last_words()}") from None
        finally:
            process.kill()
            process.communicate()  # which closes the pipes too
