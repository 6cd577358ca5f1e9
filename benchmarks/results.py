"""``RESULTS.md``: a part for each command that writes to it, between markers. A file is replaced as a whole or not."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.table import Row, markdown

RESULTS = Path(__file__).parent / "RESULTS.md"
HEADING = "# Results\n\nEach part is written by the command in it.\n"


def write_part(name: str, text: str, path: Path | None = None) -> None:
    """Put a text between the markers of its part, or at the end where there are none; other parts stay as they are.

    Raises:
        ValueError: The part begins and does not end, or the other way round.
    """
    path = path or RESULTS
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before = path.read_text() if path.exists() else HEADING
    head, has_begin, rest = before.partition(begin)
    _, has_end, tail = rest.partition(end) if has_begin else ("", "", "")
    if has_begin and not has_end:
        raise ValueError(f"{path.name} has the line {begin} without {end}; remove it")
    if not has_begin:
        head, tail = f"{before.rstrip()}\n\n", "\n"
    replace(path, f"{head}{begin}\n{text}\n{end}{tail}")


def remove_part(name: str, path: Path | None = None) -> None:
    """Remove a part with its markers, if there is one."""
    path = path or RESULTS
    head, has_begin, rest = path.read_text().partition(f"<!-- {name}: begin -->")
    _, has_end, tail = rest.partition(f"<!-- {name}: end -->")
    if has_begin and has_end:
        parts = [each.strip("\n") for each in (head, tail) if each.strip()]
        replace(path, "\n\n".join(parts) + "\n")


def replace(path: Path, text: str) -> None:
    """Write a file so that whoever reads it, or interrupts this, finds the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise


def part(
    rows: Sequence[Row],
    *,
    about: Sequence[str],
    machine: str,
    versions: dict[str, str],
    redis: str | None,
    runs: int,
    title: str = "chanspec, its peers, and the floor",
    command: str = "make bench",
) -> str:
    """The part of ``make bench``.

    Args:
        rows: The table.
        title: Its heading.
        command: What wrote it.
        about: How each scenario is measured.
        machine: What it ran on.
        versions: Of packages.
        redis: The server's version.
        runs: How many turns.
    """
    judged = [row for row in rows if row.target is not None]
    missed = [row for row in judged if row.outcome == "missed"]
    with_redis = {**versions, "redis-server": redis} if redis else versions
    named = ", ".join(f"{name} {number}" for name, number in with_redis.items())
    return "\n".join(
        (
            f"## {title}",
            "",
            f"    {command}",
            "",
            f"Medians of {runs} runs, of some figures fewer (lowest to highest). "
            "The contenders of a figure take turns, and each measurement "
            "has a process of its own. The floor is a bare ASGI callable that validates with pydantic-core, serializes "
            "once, and has no features; everybody takes and sends the same messages. Ratios of echo, fan-out and "
            "connections accepted are to the floor beside the contender, in turns of a few hundredths of a second, "
            "because a shared machine changes its speed from one second to the next; other ratios are within a turn of "
            "all contenders. So a ratio is not that of the two medians beside it. What is measured has the first "
            "processor to itself; clients and Redis have the others.",
            "",
            f"Targets are for chanspec: {len(judged) - len(missed)} of {len(judged)} are met"
            + (f", {len(missed)} {'is' if len(missed) == 1 else 'are'} missed." if missed else "."),
            "",
            markdown(rows),
            "",
            "How it is measured:",
            "",
            *(f"- {each}" for each in about),
            "",
            f"{machine}.",
            "",
            f"{named}.",
        )
    )
