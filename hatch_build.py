"""Puts the documentation page's built files into wheel and sdist. It is run by Hatch, never by the package itself.

The files are built from `viewer/`, which needs Node.js, unless they are already there and newer than their sources.
An sdist contains them, so building a wheel from an sdist needs no Node.js.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = Path("src/chanspec/channels/static/chanspec")
NAMES = ("boot.js", "docs.js", "docs.css", "try.js", "try.css", "icon.svg", "LICENSES.txt")
SOURCES = Path("viewer")
OLDEST_NODE = (20, 19)


class PageBuildHook(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            # A checkout: `make setup` builds the page, and installing must not need Node.js.
            return
        root = Path(self.root)
        if not is_current(root):
            self.app.display_info("Building the documentation page")
            self.build(root / SOURCES)
        # The files are not in git, and Hatch leaves out what git ignores.
        build_data["artifacts"].extend(f"/{(ASSETS / name).as_posix()}" for name in NAMES)

    def build(self, sources: Path) -> None:
        npm = shutil.which("npm")
        if npm is None or node_version() < OLDEST_NODE:
            self.app.abort(missing_node(sources))
            return
        for command in (["ci"], ["run", "build"]):
            try:
                subprocess.run([npm, *command], cwd=sources, check=True)  # noqa: S603 (fixed words)
            except subprocess.CalledProcessError:
                self.app.abort(f"`npm {' '.join(command)}` failed in {sources}; its own words are above")


def is_current(root: Path) -> bool:
    """Whether the built files are there and not older than what they are built from."""
    built = [root / ASSETS / name for name in NAMES]
    if not all(path.is_file() for path in built):
        return False
    if (root / "PKG-INFO").is_file():
        # An unpacked sdist: its files belong together, whatever their times say.
        return True
    oldest = min(path.stat().st_mtime for path in built)
    return all(path.stat().st_mtime <= oldest for path in source_files(root / SOURCES))


def source_files(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and path.name != "node_modules":
            yield from source_files(path)
        elif path.is_file() and not path.name.endswith(".test.ts"):
            yield path


def node_version() -> tuple[int, int]:
    """The version of Node.js, or (0, 0) where there is none."""
    node = shutil.which("node")
    if node is None:
        return (0, 0)
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    numbers = re.match(r"v(\d+)\.(\d+)", said.strip())
    return (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)


def missing_node(sources: Path) -> str:
    major, minor = node_version()
    found = f"Node.js {major}.{minor} is too old" if major else "there is no Node.js here"
    needed = ".".join(map(str, OLDEST_NODE))
    return (
        f"The documentation page has to be built from {sources}, and {found}: install Node.js {needed} or newer "
        "with npm, or install chanspec from a wheel or an sdist, which contain the page."
    )
