"""``chanspec check``: what would fail, or never be reached, when the first client connects to an application.

In a Django project it is what ``manage.py check`` says of chanspec.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chanspec.cli import applications
from chanspec.terminal import shown

if TYPE_CHECKING:
    from chanspec.problems import Problem

HELP = "look for consumers that no client reaches, and for what fails when one connects"

LONGEST_SHOWN = 2000

DESCRIPTION = """\
Look at an application's WebSocket routes, consumers and channel layers for what would fail when a client connects, and
for messages that are sent and not declared. No server is started.

APP is a FastAPI, Starlette or Channels application, bare or in middleware. Without APP it is the ASGI_APPLICATION of
the Django project that DJANGO_SETTINGS_MODULE or --settings names.
"""
EXAMPLES = """\
examples:
  an application of FastAPI:
    chanspec check shop.main:app

  a Django project, like `manage.py check`:
    chanspec check --settings shop.settings

  in CI, where a warning is a failure too:
    chanspec check shop.main:app --fail-on-warn

The exit code is 1 if there is an error, or with --fail-on-warn a warning.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the command's arguments."""
    parser.description, parser.epilog = DESCRIPTION, EXAMPLES
    parser.add_argument("app", nargs="?", metavar="APP", help="the application, as module:attribute")
    parser.add_argument("--fail-on-warn", action="store_true", help="exit 1 on any warning")
    parser.add_argument(
        "--settings", metavar="MODULE", help="the Django project's settings: sets DJANGO_SETTINGS_MODULE"
    )


def run(options: argparse.Namespace) -> int:
    """Print what is found; the exit code: 0, 1 for an error, 2 for wrong usage."""
    if options.settings:
        os.environ[applications.SETTINGS] = options.settings
    log = logging.getLogger("chanspec.apps")
    log.addFilter(_nothing)  # what it says is among what is printed here
    try:
        app = applications.load(options.app)
    except applications.ApplicationError as error:
        print(f"chanspec check: error: {_shown(str(error))}", file=sys.stderr)
        return 2
    finally:
        log.removeFilter(_nothing)
    from chanspec import discovery

    found = list(_on_django(options) if discovery.is_django(app) else _elsewhere(app))
    for level, text in found:
        print(f"{level}: {_shown(text)}", file=sys.stderr)
    errors = sum(level == "error" for level, _ in found)
    warnings = len(found) - errors
    print(f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}", file=sys.stderr)
    return int(bool(errors or (warnings and options.fail_on_warn)))


def _nothing(_: logging.LogRecord) -> bool:
    return False


def _on_django(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """What the project's own checks say."""
    from django.conf import settings
    from django.core.checks import ERROR

    from chanspec.channels import apps

    if options.app is not None:
        settings.ASGI_APPLICATION = options.app.replace(":", ".")
    for message in [*apps.check_app(), *apps.check_settings(), *apps.check_project()]:
        text = f"{message.msg} {message.hint}" if message.hint else str(message.msg)
        yield "error" if message.level >= ERROR else "warning", text


def _elsewhere(app: Any) -> Iterator[tuple[str, str]]:
    from chanspec import discovery
    from chanspec.contract import contract_of
    from chanspec.contract.sends import undeclared_sends
    from chanspec.runtime.checks import has_server, layer_missing

    if not has_server():
        yield "warning", 'nothing that is installed serves WebSockets; pip install "uvicorn[standard]"'
    found = discovery.walk(app)
    if not found.routes and not found.problems:
        yield "warning", "no consumer is routed in the application; add a WebSocketRoute with its as_asgi()"
    yield from map(_told, found.problems)
    consumers: dict[Any, None] = dict.fromkeys(route.consumer for route in found.routes)
    for consumer in consumers:
        if hasattr(consumer, "get_channel_layer"):
            alias = consumer.channel_layer_alias
            cure = f"write register_layer({alias!r}, …), with any layer of the Channel Layer Specification"
            if (missing := layer_missing(consumer, consumer.get_channel_layer, cure)) is not None:
                yield _told(missing)
        yield from map(_told, undeclared_sends(contract_of(consumer)))
    if found.documented:
        yield from map(_told, discovery.generator_of(app).problems)


def _told(problem: Problem) -> tuple[str, str]:
    return "error" if problem.is_error else "warning", str(problem)


def _counted(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'s'[: number != 1]}"


def _shown(text: str) -> str:
    return shown(text, LONGEST_SHOWN, ascii_only=False)
