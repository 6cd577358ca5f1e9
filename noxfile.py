"""The tests on all supported Pythons, Djangos and releases: `nox` runs those whose Python is here, and says which."""

from __future__ import annotations

import nox

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False
nox.options.sessions = ["tests"]

PYTHONS = ("3.11", "3.12", "3.13")
DJANGOS = ("5.2", "6.0")
PAGE = "src/chanspec/channels/static/chanspec/docs.js"
# What depends on none of these versions; `make test` runs it.
LEFT_OUT = ("viewer", "try_it_out", "packaging", "typescript", "typing", "benchmarks")


def exists(python: str, django: str) -> bool:
    """Whether this release of Django runs on this Python."""
    return django != "6.0" or python != "3.11"


@nox.session
@nox.parametrize(
    ("python", "django", "versions"),
    [
        (python, django, versions)
        for python in PYTHONS
        for django in DJANGOS
        for versions in ("lowest", "newest")
        if exists(python, django)
    ],
)
def tests(session: nox.Session, django: str, versions: str) -> None:
    """Every test that such a difference could break. Arguments after `--` go to pytest."""
    constraints = ("-c", "requirements/lowest.txt") if versions == "lowest" else ()
    # The test client of the oldest Starlette is made of httpx, that of the newest of httpx2.
    session.install(*constraints, f"django~={django}.0", "httpx", "-e", ".[dev]", "-e", "./dropin")
    session.run("npm", "--prefix", "tests/official_parser", "ci", "--no-audit", "--no-fund", external=True)
    session.run("make", PAGE, external=True)
    ignored = [f"--ignore=tests/{name}" for name in LEFT_OUT]
    session.run("pytest", "-q", "-p", "no:cacheprovider", *ignored, *(session.posargs or ["tests"]))
