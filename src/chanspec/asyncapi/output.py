"""A document's text to its file: written whole or not at all, or compared with what is there. No framework here,
so that every command of the package writes in one way. Not for making the text.
"""

from __future__ import annotations

import difflib
import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any, Literal

Format = Literal["yaml", "json"]


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
    channels = document.get("channels") or {}
    if str(document.get("asyncapi", "")).startswith("2."):
        operations = sum(kind in channel for channel in channels.values() for kind in ("publish", "subscribe"))
    else:
        operations = len(document.get("operations") or {})
    return ", ".join(
        f"{count} {name}" + ("" if count == 1 else "s")
        for count, name in ((len(channels), "channel"), (operations, "operation"), (warnings, "warning"))
    )


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
    lines = difflib.unified_diff(_lines(present), _lines(text), old, new)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    return list(StringIO(text.replace("\r\n", "\n")))
