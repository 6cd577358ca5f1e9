"""The pytest fixture `official_parser`: one Node process for a whole session that parses documents and reads YAML.

Not a validator of its own: see `server.mjs` beside this file for what is asked and answered.

Of the severities of `@asyncapi/parser` (error, warning, info, hint), `check` takes errors and warnings for failures.
Most rules for AsyncAPI 3 are errors: the JSON Schema of the specification, references, channel parameters, messages
of an operation that its channel lacks. "A newer version exists" is an info, and so are unused components.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.programs import NODE, PARSER

_HERE = Path(__file__).parent
_FAILURES = frozenset({"error", "warning"})


@dataclass(frozen=True)
class Diagnostic:
    """One remark of the parser; `path` leads to its place in the document."""

    severity: str
    code: str
    message: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.severity} at {'.'.join(self.path) or 'the document'}: {self.message} ({self.code})"


@dataclass(frozen=True)
class Reading:
    """What a YAML reader made of a text: a value, or the error it refused it with."""

    value: Any = None
    error: str | None = None


class OfficialParser:
    """Speaks with the Node process, which starts at the first question."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._process: subprocess.Popen[bytes] | None = None

    def check(self, document: str | Mapping[str, Any]) -> None:
        """Parse `document` (YAML, JSON or a dict); raise `AssertionError` that lists its errors and warnings."""
        wrong = [found for found in self.diagnostics(document) if found.severity in _FAILURES]
        if wrong:
            listed = "\n".join(f"  - {found}" for found in wrong)
            raise AssertionError(f"the official parser refuses the document:\n{listed}")

    def diagnostics(self, document: str | Mapping[str, Any]) -> list[Diagnostic]:
        """Every remark of the official parser on `document`, of any severity."""
        text = document if isinstance(document, str) else json.dumps(document)
        answer = self._ask({"parse": text})
        found = [Diagnostic(**{**each, "path": tuple(each["path"])}) for each in answer["diagnostics"]]
        # No document and no reason would pass for a document without faults.
        if not answer["parsed"] and not any(each.severity == "error" for each in found):
            raise RuntimeError("the official parser made no document and gave no reason")
        return found

    def read(self, text: str) -> dict[str, Reading]:
        """What the npm readers `yaml`, `js-yaml` and `js-yaml 1.1` (its YAML 1.1 schema) make of `text`."""
        return {name: Reading(**reading) for name, reading in self._ask({"read": text}).items()}

    def close(self) -> None:
        """End the process, if one was started."""
        process, self._process = self._process, None
        if process is None:
            return
        process.communicate()  # the end of its input is its sign to stop
        if process.returncode:
            raise RuntimeError(f"the official parser's process ended with {process.returncode}")

    def _ask(self, request: dict[str, str]) -> dict[str, Any]:
        if self._process is None:
            self._process = subprocess.Popen(
                [self._node, "server.mjs"], cwd=_HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        with suppress(BrokenPipeError):  # the empty answer tells it
            stdin.write(json.dumps(request).encode() + b"\n")
            stdin.flush()
        line = stdout.readline()
        if not line:
            raise RuntimeError("the official parser's process ended; what it said is on standard error")
        answer: dict[str, Any] = json.loads(line, parse_int=_number)
        if "failure" in answer:
            raise RuntimeError(f"the official parser's process could not answer: {answer['failure']}")
        return answer


def _number(text: str) -> float:
    # JavaScript has only doubles, and writes one that large without an exponent: read back as an `int` it would differ.
    return int(text) if abs(int(text)) <= 2**53 else float(text)


@pytest.fixture(scope="session")
def official_parser() -> Iterator[OfficialParser]:
    """`official_parser.check(document)` fails on any error or warning of `@asyncapi/parser`."""
    node = NODE.needed()
    PARSER.needed()
    parser = OfficialParser(node)
    yield parser
    parser.close()
