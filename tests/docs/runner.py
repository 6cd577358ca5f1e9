"""The tests' end of the process that does the pages' steps: see ``worker.py``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


class Runner:
    """Has one process fork for each job."""

    def __init__(self) -> None:
        command = [sys.executable, str(Path(__file__).with_name("worker.py"))]
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}  # files are written anew within a second
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, folder: Path, do: str, **job: Any) -> tuple[int, str]:
        """Do a job; the exit code and what it wrote."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"folder": str(folder), "do": do, **job}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["code"], answer["output"]

    def end(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()
