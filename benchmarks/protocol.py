"""What a measuring process tells the one that started it: a JSON object in a line, on its standard output.

``{"values": {…}}`` has what was measured by metric, ``{"failed": "…"}`` says why nothing was.
"""

from __future__ import annotations

import json
import os
import sys
from typing import IO, Any

LONGEST = 160
"""Characters of a reason."""


class DidNotFinishError(Exception):
    """A measurement did not finish; the message says why, in a few words for a table."""


class Reporter:
    """Writes the line. Whatever else prints to the standard output goes to standard error from then on."""

    def __init__(self) -> None:
        self._out: IO[str] = os.fdopen(os.dup(1), "w", buffering=1)
        os.dup2(2, 1)
        sys.stdout = sys.stderr

    def result(self, values: dict[str, float]) -> None:
        """Say what was measured."""
        self._write({"values": values})

    def failed(self, reason: str) -> None:
        """Say why nothing was."""
        self._write({"failed": shortened(reason)})

    def _write(self, said: dict[str, Any]) -> None:
        self._out.write(json.dumps(said) + "\n")


def read(output: str) -> dict[str, float]:
    """Return what was measured.

    Raises:
        DidNotFinishError: The process says that it failed, or nothing that can be read.
    """
    lines = output.splitlines()
    try:
        said = json.loads(lines[-1])
        if "failed" not in said:
            return {key: float(value) for key, value in said["values"].items()}
    except (IndexError, ValueError, KeyError, TypeError, AttributeError):
        raise DidNotFinishError(shortened(f"it ended without a result {lines[-1] if lines else ''}")) from None
    raise DidNotFinishError(str(said["failed"]))


def shortened(reason: str, longest: int = LONGEST) -> str:
    """A reason in one line that fits a table."""
    words = " ".join(reason.split())
    return words if len(words) <= longest else f"{words[: longest - 1]}…"
