"""The machine and the versions that results belong to: nothing that names the machine, and no path."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import processors

PACKAGES = (
    "chanspec",
    "pydantic",
    "pydantic-core",
    "uvicorn",
    "uvloop",
    "websockets",
    "starlette",
    "fastapi",
    "django",
    "channels",
    "channels-redis",
    "redis",
    "chanx",
    "fast-channels",
    "python-socketio",
)


def versions() -> dict[str, str]:
    """Of every package that takes part and is installed."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def machine() -> str:
    """The processor, its cores, the memory, the system and Python, as a sentence."""
    cores = len(processors.there()) or os.cpu_count() or 1
    system = f"{platform.system()} {re.match(r'[0-9.]*', platform.release()).group()}"  # type: ignore[union-attr]
    parts = [
        _processor(),
        f"{cores} {'core' if cores == 1 else 'cores'}",
        f"{_memory() / 2**30:.0f} GiB of memory",
        system,
        f"{platform.python_implementation()} {platform.python_version()}",
    ]
    return ", ".join(part for part in parts if part)


def load() -> float:
    """How many processes wanted a processor in the last minute, on average; 0 where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        asked = ["sysctl", "-n", "machdep.cpu.brand_string"]
        try:
            return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
        except (OSError, subprocess.CalledProcessError):
            return platform.machine()
    named = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return named.group(1).strip() if named else platform.machine()


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
