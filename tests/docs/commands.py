"""Which commands of the pages' console blocks are run, and which are not, and why. There is no third kind."""

from __future__ import annotations

RUN = (
    "python manage.py",
    "python -m chanspec",
    "python -m pytest",
    "django-admin",
    "chanspec",
    "pytest",
)
"""What they begin with."""

SERVERS = ("uvicorn", "daphne")
"""Servers would run on. Their own parsers read the options, and the application is imported."""

NOT_RUN = {
    "pip install": "needs a package registry; the extras of chanspec's that it names are looked up",
    "pip uninstall": "changes the environment",
    "python -m venv": "makes an environment without what is being tested",
    ". .venv/bin/activate": "as above",
    "npx": "needs a package registry; tests/typescript runs the generator",
    "python manage.py runserver": "a server, which would run on; the quick starts' tests run one",
    "chanspec conform --settings": "sends for a minute; tests/conformance runs it",
    "chanspec conform main:app": "as above",
    "chanspec conform myproject.asgi:application": "as above",
    "chanspec conform http://127.0.0.1:8000": "needs a server that runs",
    "chanspec conform ws://127.0.0.1:8000": "as above",
    "granian": "a server that the tests do not install",
    "make demo": "a server; tests/demo starts it",
    "make demo-chat": "a server; tests/chat starts it",
    "make test": "would run this",
    "make bench": "takes almost half an hour; tests/benchmarks tries it",
}
"""What they begin with, and why they are not run."""


EXIT_CODES = {"chanspec conform shop:app": 1}
"""Of those that are run, which end otherwise than with 0."""

VARYING = r"\d+ messages"
"""What commands write differently with each version of what they use."""


def begins(words: tuple[str, ...], known: str) -> bool:
    """Whether a command begins with some words; the last one may be the beginning of a longer one."""
    return " ".join(words).startswith(known)


def exit_code(words: tuple[str, ...]) -> int:
    """What a command ends with."""
    return next((code for known, code in EXIT_CODES.items() if begins(words, known)), 0)


def why_not_run(words: tuple[str, ...]) -> str | None:
    """Why a command is not run, or None if it is."""
    return next((why for known, why in NOT_RUN.items() if begins(words, known)), None)


def is_server(words: tuple[str, ...]) -> bool:
    return words[0] in SERVERS


def is_run(words: tuple[str, ...]) -> bool:
    return why_not_run(words) is None and any(begins(words, known) for known in RUN)
