"""A document's text to its file: written whole or not at all, or compared with what is there. No framework here,
so that every command of the package writes in one way. Not for making the text.
"""

from __future__ import annotations

import difflib
import os
import stat
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any, Literal

Format = Literal["yaml", "json"]

CONTEXT = 3  # lines around a difference, as `diff -u` has them
MAX_COMPARISONS = 20_000_000
"""`difflib` is quadratic: for 10,000 lines of which each second one differs it compares 25 million, which takes 3 s."""


def format_of(path: str | os.PathLike[str]) -> Format:
    """The format that a file's suffix asks for: JSON for `.json`, YAML for everything else."""
    return "json" if Path(path).suffix.lower() == ".json" else "yaml"


def write(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` as UTF-8, as `write_bytes` does."""
    write_bytes(path, text.encode())


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` to `path` so that a reader finds the old file or the new one, never a part.

    Parent directories are made. A symbolic link is followed, and an existing file's mode is kept. Raises `OSError`;
    the file is then as it was.
    """
    target = Path(path).resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        mode = 0o666 & ~_umask()
    else:
        _check_is_file(target)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    try:
        with open(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def difference(path: str | os.PathLike[str], text: str) -> str:
    """The unified diff from the file at `path` to `text`; empty where they are the same.

    A file that is not there differs from every text. Line ends alone are no difference: a version control system may
    have changed them. Raises `OSError` where the file cannot be read.
    """
    try:
        present = Path(path).read_bytes()
    except FileNotFoundError:
        return _diff("", text, "/dev/null", str(path))
    if present.replace(b"\r\n", b"\n") == text.replace("\r\n", "\n").encode():
        return ""
    return _diff(present.decode("utf-8", "backslashreplace"), text, f"{path} (on disk)", f"{path} (expected)")


def summary(document: Mapping[str, Any], warnings: int) -> str:
    """What a document holds, in a few words: `2 channels, 9 operations, 0 warnings`. AsyncAPI 2 and 3."""
    channels = _mapping(document.get("channels"))
    if str(document.get("asyncapi", "")).startswith("2."):
        kinds = ("publish", "subscribe")
        operations = sum(kind in _mapping(channel) for channel in channels.values() for kind in kinds)
    else:
        operations = len(_mapping(document.get("operations")))
    return ", ".join(
        f"{count} {name}" + ("" if count == 1 else "s")
        for count, name in ((len(channels), "channel"), (operations, "operation"), (warnings, "warning"))
    )


def for_terminal(text: str) -> str:
    """`text`, with what a terminal would obey or reorder escaped; line by line, for people to read and not to apply."""
    return "".join(each if each.isprintable() or each in "\n\t" else ascii(each)[1:-1] for each in text)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}  # a template may have anything there


def _check_is_file(target: Path) -> None:
    if target.is_dir():
        raise IsADirectoryError(f"{target} is a directory")
    if not target.is_file():
        raise OSError(f"{target} is not a regular file")


def _umask() -> int:
    # There is no way to read it but to set it.
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _diff(present: str, text: str, old: str, new: str) -> str:
    before, after = _lines(present), _lines(text)
    same, ending = _in_common(before, after)
    if _comparisons(before, after, same, ending) <= MAX_COMPARISONS:
        lines: Iterable[str] = difflib.unified_diff(before, after, old, new)
    else:
        lines = _in_one_hunk(before, after, same, ending, old, new)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _in_common(before: list[str], after: list[str]) -> tuple[int, int]:
    """How many lines are the same at the beginning, and at the end."""
    most = min(len(before), len(after))
    same = next((index for index in range(most) if before[index] != after[index]), most)
    most -= same
    return same, next((index for index in range(most) if before[-1 - index] != after[-1 - index]), most)


def _comparisons(before: list[str], after: list[str], same: int, ending: int) -> int:
    """About how many lines `difflib` compares at worst: all that are alike, for each block that it finds."""
    counted = Counter(after)
    alike = sum(counted[line] for line in before)
    old, new = (len(lines) - same - ending for lines in (before, after))
    blocks = min(old, new)
    counted = Counter(after[same : len(after) - ending])
    return 3 * alike + blocks * (old + sum(counted[line] for line in before[same : len(before) - ending]))


def _in_one_hunk(before: list[str], after: list[str], same: int, ending: int, old: str, new: str) -> Iterator[str]:
    """A unified diff that takes all between the first and the last difference for different."""
    start, end = max(0, same - CONTEXT), max(0, ending - CONTEXT)
    counts = (len(before) - start - end, len(after) - start - end)
    yield from (f"--- {old}\n", f"+++ {new}\n", f"@@ -{start + 1},{counts[0]} +{start + 1},{counts[1]} @@\n")
    yield from (f" {line}" for line in before[start:same])
    yield from (f"-{line}" for line in before[same : len(before) - ending])
    yield from (f"+{line}" for line in after[same : len(after) - ending])
    yield from (f" {line}" for line in before[len(before) - ending : len(before) - end])


def _lines(text: str) -> list[str]:
    return list(StringIO(text.replace("\r\n", "\n")))
