"""Which files of a project are looked at, and what is said of those that are no Python."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from chanspec.migration.names import KEYS, ROOTS
from chanspec.migration.source import Note

_MENTIONS = re.compile("|".join(sorted({*ROOTS, *KEYS, "channels-spectacular", "fast_channels"})).encode())
_SKIPPED = {"node_modules", "__pycache__", "site-packages", "bower_components"}
_DEPENDENCIES = (
    "*requirements*.txt",
    "*requirements*.in",
    "constraints*.txt",
    "pyproject.toml",
    "setup.cfg",
    "tox.ini",
    "Pipfile",
    "environment.y*ml",
    "Dockerfile*",
)
_DISTRIBUTION = re.compile(r"(?<![\w./-])(?:django[-_]channels[-_]spectacular|chanx)(?![\w/.-])", re.IGNORECASE)


def python_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The Python files at or below some paths that may concern a migration, sorted, each once.

    A file that is given by its own path, such as a script, is Python whatever its suffix, if it holds no dependencies.
    """
    paths = list(paths)
    given = {path for path in paths if not _has_dependencies(path)}
    for path in _files(paths):
        if (path.suffix in (".py", ".pyi") or path in given) and _MENTIONS.search(path.read_bytes()):
            yield path


def dependency_notes(paths: Iterable[Path]) -> Iterator[tuple[Path, Note]]:
    """The lines of files of dependencies that name a distribution that is migrated from."""
    for path in _files(paths):
        if not _has_dependencies(path):
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if not line.lstrip().startswith("#") and (found := _DISTRIBUTION.search(line)):
                yield path, Note(number, f"{found.group()} is a dependency; write chanspec, as in chanspec[channels]")


def _has_dependencies(path: Path) -> bool:
    return any(fnmatch(path.name, pattern) for pattern in _DEPENDENCIES)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    seen: set[Path] = set()
    for path in paths:
        for file in _below(path) if path.is_dir() else [path]:
            if (resolved := file.resolve()) not in seen:
                seen.add(resolved)
                yield file


def _below(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not _is_skipped(Path(folder, name)))
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_file() and not file.is_symlink():
                yield file


def _is_skipped(folder: Path) -> bool:
    """Whether a folder holds what is no part of the project: hidden ones, virtual environments, packages."""
    return folder.name.startswith(".") or folder.name in _SKIPPED or (folder / "pyvenv.cfg").exists()
