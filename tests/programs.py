"""What tests need beside Python: programs, and what `make setup` makes; and what a run without them left out."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Program:
    """A program by the name that people know, its executables (one is enough) and its package on Debian.

    Args:
        folders: A pattern of folders that are searched first, where a package keeps its programs, one for each version.
    """

    name: str
    executables: tuple[str, ...]
    package: str
    folders: str = ""

    @property
    def reason(self) -> str:
        """Why a test without it is skipped."""
        return f"needs {self.name}, which is not installed: apt-get install {self.package}"

    def path(self) -> str | None:
        """Where it is; ``None`` where it is not installed."""
        if (path := self._in_folders()) is not None:
            return path
        return next((path for each in self.executables if (path := shutil.which(each)) is not None), None)

    def needed(self) -> str:
        """Where it is. Without it the test is skipped, or, where ``CI`` is ``true``, fails."""
        path = self.path()
        if path is None:
            leave_out(self.reason)
        return path

    def _in_folders(self) -> str | None:
        if not self.folders:
            return None
        pattern = f"{self.folders}/{self.executables[0]}".lstrip("/")
        found = sorted(Path("/").glob(pattern), key=lambda path: [int(each) for each in path.parts if each.isdigit()])
        return str(found[-1]) if found else None


@dataclass(frozen=True)
class Made:
    """What `make setup` makes, by the name that people know, and how to see whether it is there."""

    name: str
    is_there: Callable[[], bool]

    @property
    def reason(self) -> str:
        return f"needs {self.name}, which `make setup` makes"

    def needed(self) -> None:
        """Without it the test is skipped, or, where ``CI`` is ``true``, fails."""
        if not self.is_there():
            leave_out(self.reason)


def leave_out(reason: str) -> NoReturn:
    """Skip the test, or, where ``CI`` is ``true``, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


CHROMIUM = Program("Chromium", ("chromium", "chromium-browser", "google-chrome"), "chromium")
NGINX = Program("nginx", ("nginx",), "nginx-light")
NODE = Program("Node", ("node",), "nodejs")
POSTGRESQL = Program("PostgreSQL", ("initdb",), "postgresql", folders="/usr/lib/postgresql/*/bin")
REDIS = Program("Redis", ("redis-server",), "redis-server")

PAGE = Made("the page's built files", (ROOT / "src/chanspec/channels/static/chanspec/docs.js").exists)
DROPIN = Made("the installed drop-in", lambda: any(importlib.metadata.distributions(name="chanspec-dropin")))
PARSER = Made("AsyncAPI's official parser", (ROOT / "tests/official_parser/node_modules/@asyncapi/parser").exists)
TYPESCRIPT = Made("the packages of the TypeScript tests", (ROOT / "tests/typescript/node_modules").exists)

NEEDS: tuple[Program | Made, ...] = (CHROMIUM, NGINX, NODE, POSTGRESQL, REDIS, PAGE, DROPIN, PARSER, TYPESCRIPT)


def left_out(reasons: Iterable[str]) -> Iterator[str]:
    """What a person reads after a run: how many tests were left out for what, and the commands that bring it.

    Args:
        reasons: Of every skipped test.
    """
    every = list(reasons)
    counts = {each: sum(each.reason in reason for reason in every) for each in NEEDS}
    missing = [each for each in NEEDS if counts[each]]
    for each in missing:
        count = counts[each]
        yield f"{count} {'test was' if count == 1 else 'tests were'} left out for want of {each.name}."
    cures = []
    if packages := [each.package for each in missing if isinstance(each, Program)]:
        cures.append(f"apt-get install {' '.join(packages)}")
    if any(isinstance(each, Made) for each in missing):
        cures.append("make setup")
    if cures:
        yield f"To run them too: {' && '.join(cures)}"
