"""The table of figures in README.md, written by the run that it is of."""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.results import write_part
from fuzzing.session import Session

README = Path(__file__).parent / "README.md"
PACKAGES = ("pydantic", "pydantic-core", "jsonschema-rs", "channels", "djangorestframework", "uvicorn", "websockets")


def write(sessions: Sequence[Session], arguments: str, path: Path = README) -> None:
    """Put the figures of a run between the markers.

    Args:
        sessions: Of all fuzzers.
        arguments: Of the command.
        path: The file.
    """
    write_part("fuzzing", text(sessions, arguments), path)


def text(sessions: Sequence[Session], arguments: str) -> str:
    """The figures of a run as Markdown."""
    rows = ["| fuzzer | cases | found | figures |", "| --- | ---: | ---: | --- |"]
    for each in sessions:
        figures = "<br>".join(f"{name}: {value}" for name, value in each.figures.items()).replace("|", "\\|")
        rows.append(f"| {each.name} | {each.done:,} | {len(each.failures)} | {figures} |")
    found = [
        f"- {each.what.partition(chr(10))[0][:200]!r}" for session in sessions for each in session.failures.values()
    ]
    took = sum(time.monotonic() - each.began for each in sessions[:1]) / 60
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return "\n".join(
        (
            f'    make fuzz ARGS="{arguments}"' if arguments else "    make fuzz",
            "",
            f"Seed {sessions[0].seed}, {took:.0f} minutes.",
            "",
            *rows,
            *(("", "Found:", "", *found) if found else ()),
            "",
            f"{machine()}.",
            "",
            f"{versions}.",
        )
    )
