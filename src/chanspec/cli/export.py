"""``chanspec export``: the AsyncAPI document of any ASGI application, or of a template, to a file.

For a Django project it is ``manage.py export_asyncapi``, whose options have the same names here.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chanspec.cli import applications
from chanspec.terminal import shown

if TYPE_CHECKING:
    from chanspec.asyncapi import output
    from chanspec.problems import Problem

HELP = "write the AsyncAPI document of an application to a file, or see that the file is up to date"

DEFAULT_HOST = "localhost:8000"
DEFAULT_PROTOCOL = "ws"
LONGEST_SHOWN = 2000

DESCRIPTION = """\
Write the AsyncAPI document of an application's WebSocket consumers to a file.

APP is a FastAPI, Starlette or Channels application, bare or in middleware. Without APP, --consumer and --template it
is the ASGI_APPLICATION of the Django project that DJANGO_SETTINGS_MODULE or --settings names.
"""
EXAMPLES = """\
examples:
  every routed consumer, to asyncapi.yaml:
    chanspec export shop.main:app

  of a Django project, like `manage.py export_asyncapi`:
    chanspec export --settings shop.settings

  two consumers that no application routes yet:
    chanspec export --consumer rides.ws.RideConsumer:/ws/rides/ --consumer rides.ws.NewsConsumer:/ws/news/

  in CI, fail if the committed file is not what the code says:
    chanspec export shop.main:app -o docs/asyncapi.yaml --check --fail-on-warn

  to another program:
    chanspec export shop.main:app --format json -o - | jq '.operations | keys'
"""


class ExportError(Exception):
    """The document cannot be written; ``str()`` says why."""


@dataclass(frozen=True)
class _Made:
    document: dict[str, Any]
    text: str
    problems: Sequence[Problem]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the command's arguments."""
    parser.description, parser.epilog = DESCRIPTION, EXAMPLES
    parser.add_argument("app", nargs="?", metavar="APP", help="the application, as module:attribute")
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--consumer",
        action="append",
        dest="consumers",
        metavar="DOTTED.PATH[:/ws/path/]",
        help="a consumer that declares messages, and its address (default: /); repeatable, all go into one document",
    )
    source.add_argument(
        "--template",
        metavar="FILE",
        help="a hand-written AsyncAPI document (YAML or JSON), to fill in and give titles to",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="where to write, directories are made; - is standard output (default: asyncapi.yaml, or .json)",
    )
    parser.add_argument("--format", choices=("yaml", "json"), help="default: by FILE's suffix, else yaml")
    parser.add_argument(
        "--host",
        help=f"of the document's server (default: that of the docs the application mounts, else {DEFAULT_HOST})",
    )
    parser.add_argument(
        "--protocol", choices=("ws", "wss"), help=f"of the document's server (default: {DEFAULT_PROTOCOL})"
    )
    parser.add_argument(
        "--perspective",
        choices=("server", "client"),
        help="whose document it is: a server receives actions, a client sends them (default: server)",
    )
    parser.add_argument("--title", help="the API's title (default: that of the docs the application mounts)")
    parser.add_argument("--api-version", metavar="VERSION", help="the API's version (likewise)")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 with the diff if the file is not up to date"
    )
    parser.add_argument("--fail-on-warn", action="store_true", help="exit 1, writing nothing, on any warning")
    parser.add_argument(
        "--settings", metavar="MODULE", help="the Django project's settings: sets DJANGO_SETTINGS_MODULE"
    )


def run(options: argparse.Namespace) -> int:
    """Write or compare the document; the exit code: 0, 1 for a refusal or a stale file, 2 for wrong usage."""
    if options.settings:
        os.environ[applications.SETTINGS] = options.settings
    try:
        _check_together(options)
        app = applications.load(options.app) if options.app or not (options.consumers or options.template) else None
        if app is None:
            applications.in_folder()
            is_django = not options.template and applications.set_up_django()
        else:
            from chanspec import discovery

            is_django = discovery.is_django(app)
        if is_django:
            return _as_manage_py(options, app)
        return _export(options, app)
    except applications.ApplicationError as error:
        return _fail(str(error), 2)
    except ExportError as error:
        return _fail(str(error), 1)


def _check_together(options: argparse.Namespace) -> None:
    target = _target(options)
    if options.app and (options.consumers or options.template):
        raise applications.ApplicationError("give an application, --consumer or --template, one of the three")
    if options.check and target == "-":
        raise applications.ApplicationError("--check compares with a file: name it with --output")
    if options.template and options.perspective:
        raise applications.ApplicationError(
            "--perspective goes with consumers: a template is written from one perspective already"
        )
    if options.template and target != "-" and Path(target).resolve() == Path(options.template).resolve():
        raise applications.ApplicationError(
            f"{target} is the template itself: it would lose its placeholders; name another --output"
        )


def _as_manage_py(options: argparse.Namespace, app: Any) -> int:
    """Let the project's own command do it, with the project's settings."""
    from django.conf import settings
    from django.core.management import CommandError, call_command

    if options.title or options.api_version:
        raise applications.ApplicationError(
            "a Django project's title and version are CHANSPEC['TITLE'] and ['VERSION']"
        )
    if app is not None and options.app is not None:
        settings.ASGI_APPLICATION = options.app.replace(":", ".")
    passed = {
        "output": options.output,
        "format": options.format,
        "host": options.host,
        "protocol": options.protocol,
        "perspective": options.perspective,
        "consumers": options.consumers,
        "check": options.check,
        "fail_on_warn": options.fail_on_warn,
    }
    from chanspec.channels.management.commands.export_asyncapi import Command

    try:
        call_command(Command(), **{name: value for name, value in passed.items() if value is not None})
    except CommandError as error:
        raise ExportError(str(error)) from error
    return 0


def _export(options: argparse.Namespace, app: Any) -> int:
    from chanspec.asyncapi import output

    target = _target(options)
    form: output.Format = options.format or output.format_of(target)
    try:
        made = _from_template(options, form) if options.template else _from_consumers(options, app, form)
    except (ImportError, OSError, TypeError, ValueError) as error:
        raise ExportError(_one_line(error)) from error
    for problem in made.problems:
        print(f"warning: {_shown(str(problem))}", file=sys.stderr)
    count = len(made.problems)
    if count and options.fail_on_warn:
        raise ExportError(f"{count} warning{'s'[: count > 1]}, and --fail-on-warn is given: nothing was written")
    try:
        said = _check(target, made.text) if options.check else _write(target, made.text)
    except OSError as error:
        raise ExportError(f"cannot {'read' if options.check else 'write'} {_one_line(error)}") from error
    print(f"{said}: {output.summary(made.document, count)}", file=sys.stderr)
    return 0


def _from_template(options: argparse.Namespace, form: output.Format) -> _Made:
    from chanspec.asyncapi import template, text
    from chanspec.asyncapi.source import SourceError

    name: str = options.template
    try:
        source = Path(name).read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{name} is not UTF-8 text: byte {error.start} is 0x{error.object[error.start]:02x}"
        ) from error
    host, protocol = options.host or DEFAULT_HOST, options.protocol or DEFAULT_PROTOCOL
    try:
        made = template.render(source, host=host, protocol=protocol, name=name)
    except SourceError as error:
        raise ValueError(f"{name}: {error}") from error
    return _Made(made.document, made.text if form == "yaml" else text.to_json(made.document), made.problems)


def _from_consumers(options: argparse.Namespace, app: Any, form: output.Format) -> _Made:
    from chanspec.asyncapi.generator import AsyncAPIGenerator

    arguments, problems = (_named(options), ()) if options.consumers else _of_application(app)
    if options.host or options.protocol or not arguments.get("servers"):
        arguments["servers"] = _servers(options, arguments.get("servers"), app)
    info = {"title": options.title, "version": options.api_version}
    arguments["info"] = {**arguments.get("info", {}), **{key: value for key, value in info.items() if value}}
    if options.perspective:
        arguments["perspective"] = options.perspective
    generator = AsyncAPIGenerator(**arguments)
    content = generator.get_yaml() if form == "yaml" else generator.get_json()
    return _Made(generator.get_spec(), content, [*problems, *generator.problems])


def _named(options: argparse.Namespace) -> dict[str, Any]:
    from chanspec.asyncapi.consumer_argument import parse

    return {"consumers": [parse(argument, "/") for argument in options.consumers]}


def _of_application(app: Any) -> tuple[dict[str, Any], Sequence[Problem]]:
    """The generator's arguments for an application: as in the docs that it mounts, else by default."""
    from chanspec import discovery

    if (docs := discovery.mounted_docs(app)) is not None:
        from chanspec.starlette.config import arguments

        told = arguments(docs.config, docs.documented or app, None, "the application")
        if "servers" not in docs.config:  # made of a host, where there is one
            told["servers"] = {name: {**server, **_pathname(app)} for name, server in told["servers"].items()}
        return told, discovery.walk(docs.documented or app).problems if "consumers" not in docs.config else ()
    found = discovery.walk(app)
    if not found.documented:
        raise ValueError(f"nothing to document: {found.why_nothing()}, or name a consumer with --consumer")
    return {"consumers": [(route.consumer, route.address) for route in found.documented]}, found.problems


def _servers(options: argparse.Namespace, servers: Any, app: object) -> dict[str, Any]:
    from chanspec.asyncapi import template

    first: dict[str, Any] = next(iter((servers or {}).values()), {})
    host = options.host or first.get("host") or DEFAULT_HOST
    protocol = options.protocol or first.get("protocol") or DEFAULT_PROTOCOL
    server = {"host": template.check_host(host), "protocol": protocol}
    if not (pathname := first.get("pathname")):
        return {"default": {**server, **_pathname(app)}}
    used = {name: each for name, each in first.get("variables", {}).items() if f"{{{name}}}" in pathname}
    return {"default": {**server, "pathname": pathname, **({"variables": used} if used else {})}}


def _pathname(app: object) -> dict[str, str]:
    """The path below which FastAPI was told that it is served."""
    root_path = getattr(app, "root_path", None)
    name = root_path.strip("/") if isinstance(root_path, str) else ""
    return {"pathname": f"/{quote(name)}"} if name else {}


def _check(target: str, content: str) -> str:
    from chanspec.asyncapi import output

    if diff := output.difference(target, content):
        sys.stdout.write(output.for_terminal(diff) if sys.stdout.isatty() else diff)
        state = "is stale" if Path(target).exists() else "does not exist"
        raise ExportError(f"{target} {state}: run this command again without --check, and commit the file")
    return f"{target} is up to date"


def _write(target: str, content: str) -> str:
    from chanspec.asyncapi import output

    if target != "-":
        output.write(target, content)
        return f"Wrote {target}"
    try:
        sys.stdout.write(content)
    except UnicodeEncodeError as error:
        raise ExportError(f"standard output is not UTF-8 ({error.encoding}): set PYTHONIOENCODING=utf-8") from error
    return "Wrote the document"


def _target(options: argparse.Namespace) -> str:
    return str(options.output or f"asyncapi.{options.format or 'yaml'}")


def _shown(text: str) -> str:
    return shown(text, LONGEST_SHOWN, ascii_only=False)


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__


def _fail(text: str, code: int) -> int:
    print(f"chanspec export: error: {_shown(text)}", file=sys.stderr)
    return code
