"""The tests on every supported Python and Django, with the oldest and the newest releases of all else.

nox             every combination whose Python is on PATH; its last lines say which ran, and which Python was missing
                (pyenv puts several there with PYENV_VERSION=3.11.7:3.12.1:3.13.0)
nox -p 3.13     one Python; likewise -t django6.0, -t lowest, -t newest
nox -s "tests(3.13-django6.0-newest)" -- tests/unit -k schema      one combination, and arguments for pytest
"""

from __future__ import annotations

import nox

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False
nox.options.download_python = "never"

# Each Django, and the Pythons it runs on.
PYTHONS = {
    "5.2": ("3.11", "3.12", "3.13"),
    "6.0": ("3.12", "3.13"),
    "6.1": ("3.12", "3.13"),
}
COMBINATIONS = [
    nox.param(python, django, versions, id=f"{python}-django{django}-{versions}", tags=[f"django{django}", versions])
    for django, pythons in PYTHONS.items()
    for python in pythons
    for versions in ("lowest", "newest")
]
PAGE = "src/chanspec/channels/static/chanspec/docs.js"
SHOWN = ("django", "channels", "djangorestframework", "pydantic", "fastapi", "starlette", "jsonschema-rs")
# What depends on none of these versions; `make test` runs it.
LEFT_OUT = ("viewer", "try_it_out", "packaging", "typescript", "typing", "benchmarks")


@nox.session
@nox.parametrize(("python", "django", "versions"), COMBINATIONS)
def tests(session: nox.Session, django: str, versions: str) -> None:
    """Every test that such a difference could break."""
    if versions == "lowest":
        releases = [f"django=={django}", "-c", "requirements/lowest.txt"]
    else:
        releases = [f"django~={django}.0"]
    # The test client of the oldest Starlette is made of httpx, that of the newest of httpx2.
    session.install(*releases, "httpx", "-e", ".[dev]", "-e", "./dropin")
    session.run(
        "python", "-c", f"from importlib.metadata import version\nfor name in {SHOWN}: print(name, version(name))"
    )
    session.run("make", "tests/official_parser/node_modules/.installed", PAGE, external=True)
    ignored = [f"--ignore=tests/{name}" for name in LEFT_OUT]
    session.run("pytest", "-q", "-n", "2", "--dist", "loadfile", "-p", "no:cacheprovider", *ignored, *session.posargs)
