"""`manage.py export_asyncapi`: the AsyncAPI document of the project's consumers, or of a template, to a file."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter

from chanspec.asyncapi import output, template, text
from chanspec.asyncapi.addresses import Address
from chanspec.asyncapi.consumer_argument import parse
from chanspec.asyncapi.source import SourceError
from chanspec.channels.conf import Settings
from chanspec.channels.discovery import walk
from chanspec.channels.generator import AsyncAPIGenerator, default_servers
from chanspec.channels.prefix import configured_prefix
from chanspec.problems import Problem
from chanspec.terminal import shown

DEFAULT_HOST = "localhost:8000"
DEFAULT_PROTOCOL = "ws"
LONGEST_SHOWN = 2000

DESCRIPTION = """\
Write the AsyncAPI document of this project's WebSocket consumers to a file.

Without --consumer and --template, the consumers are those that the routing of
ASGI_APPLICATION reaches and that declare messages, by @ws_handler and @event_handler
or by @document_action and @document_event.
"""
EXAMPLES = """\
examples:
  every routed consumer, to asyncapi.yaml:
    manage.py export_asyncapi

  two consumers in one document:
    manage.py export_asyncapi -o docs/asyncapi.yaml \\
        --consumer rides.consumers.RideConsumer:/ws/rides/ \\
        --consumer rides.consumers.NotifConsumer:/ws/notifications/

  a hand-written document, with {{ WS_HOST }} and {{ WS_PROTOCOL }} filled in:
    manage.py export_asyncapi --template rides/asyncapi.yaml -o docs/asyncapi.yaml \\
        --host api.example.com --protocol wss

  in CI, fail if the committed file is not what the code says:
    manage.py export_asyncapi -o docs/asyncapi.yaml --check --fail-on-warn

  to another program:
    manage.py export_asyncapi --format json -o - | jq '.operations | keys'
"""


class _Formatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Django's order of the options, and the examples as they are written."""


@dataclass(frozen=True)
class _Made:
    """A document, as data and as the text to write."""

    document: dict[str, Any]
    text: str
    problems: Sequence[Problem]


class Command(BaseCommand):
    help = DESCRIPTION
    generator_class: ClassVar[type[AsyncAPIGenerator]] = AsyncAPIGenerator
    # The document needs settings, consumers and routing; what else is wrong in the project does not matter here.
    requires_system_checks: list[str] | tuple[str, ...] | Literal["__all__"] = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(prog_name, subcommand, epilog=EXAMPLES, formatter_class=_Formatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        name = self.generator_class.project.name
        source = parser.add_mutually_exclusive_group()
        source.add_argument(
            "--consumer",
            action="append",
            dest="consumers",
            metavar="DOTTED.PATH[:/ws/path/]",
            help="a consumer that declares messages, and its address; repeatable, all go into one document "
            f"(without an address: {name}['CHANNEL_PATH'])",
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
            help=f"of the document's server (default: {name}['SERVERS'] or ['WS_HOST'], else {DEFAULT_HOST})",
        )
        parser.add_argument(
            "--protocol",
            choices=template.PROTOCOLS,
            help=f"of the document's server (default: {name}['WS_PROTOCOL'], else {DEFAULT_PROTOCOL})",
        )
        parser.add_argument(
            "--perspective",
            choices=("server", "client"),
            help="whose document it is: a server receives actions, a client sends them "
            f"(default: {name}['PERSPECTIVE'])",
        )
        parser.add_argument(
            "--check", action="store_true", help="write nothing; exit 1 with the diff if the file is not up to date"
        )
        parser.add_argument("--fail-on-warn", action="store_true", help="exit 1, writing nothing, on any warning")

    def handle(self, *_: Any, **options: Any) -> None:
        target = options["output"] or f"asyncapi.{options['format'] or 'yaml'}"
        form: output.Format = options["format"] or output.format_of(target)
        _check_together(options, target)
        try:
            made = (_from_template if options["template"] else _from_consumers)(options, form, self.generator_class)
        except (ImproperlyConfigured, ImportError, OSError, TypeError, ValueError) as error:
            raise CommandError(_shown(_one_line(error))) from error
        for problem in made.problems:
            self.stderr.write(f"warning: {_shown(str(problem))}", self.style.WARNING)
        count = len(made.problems)
        if count and options["fail_on_warn"]:
            raise CommandError(f"{count} warning{'s'[: count > 1]}, and --fail-on-warn is given: nothing was written")
        try:
            said = self._check(target, made.text) if options["check"] else self._write(target, made.text)
        except OSError as error:
            raise CommandError(f"cannot {'read' if options['check'] else 'write'} {_one_line(error)}") from error
        if options["verbosity"]:
            self.stderr.write(f"{said}: {output.summary(made.document, count)}", self.style.SUCCESS)

    def _check(self, target: str, content: str) -> str:
        if diff := output.difference(target, content):
            self.stdout.write(output.for_terminal(diff) if self.stdout.isatty() else diff, ending="")
            state = "is stale" if Path(target).exists() else "does not exist"
            raise CommandError(f"{target} {state}: run this command again without --check, and commit the file")
        return f"{target} is up to date"

    def _write(self, target: str, content: str) -> str:
        if target != "-":
            output.write(target, content)
            return f"Wrote {target}"
        try:
            self.stdout.write(content, ending="")
        except UnicodeEncodeError as error:
            raise CommandError(
                f"standard output is not UTF-8 ({error.encoding}): set PYTHONIOENCODING=utf-8"
            ) from error
        return "Wrote the document"


def _check_together(options: dict[str, Any], target: str) -> None:
    if options["check"] and target == "-":
        raise CommandError("--check compares with a file: name it with --output")
    if options["template"] and options["perspective"]:
        raise CommandError("--perspective goes with consumers: a template is written from one perspective already")
    if options["template"] and target != "-" and Path(target).resolve() == Path(options["template"]).resolve():
        raise CommandError(f"{target} is the template itself: it would lose its placeholders; name another --output")


def _from_template(options: dict[str, Any], form: output.Format, generator_class: type[AsyncAPIGenerator]) -> _Made:
    settings = generator_class.project
    name: str = options["template"]
    try:
        source = Path(name).read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{name} is not UTF-8 text: byte {error.start} is 0x{error.object[error.start]:02x}"
        ) from error
    try:
        made = template.render(source, host=_host(options, settings), protocol=_protocol(options, settings), name=name)
    except SourceError as error:
        raise ValueError(f"{name}: {error}") from error
    return _Made(made.document, made.text if form == "yaml" else text.to_json(made.document), made.problems)


def _from_consumers(options: dict[str, Any], form: output.Format, generator_class: type[AsyncAPIGenerator]) -> _Made:
    settings = generator_class.project
    consumers, problems = _named(options["consumers"], settings) if options["consumers"] else _discovered()
    generator = generator_class(
        consumers=consumers, servers=_servers(options, settings), perspective=options["perspective"]
    )
    content = generator.get_yaml() if form == "yaml" else generator.get_json()
    return _Made(generator.get_spec(), content, [*problems, *generator.problems])


_Consumers = tuple[list[tuple[type, str | Address]], Sequence[Problem]]


def _named(arguments: Sequence[str], settings: Settings) -> _Consumers:
    return [parse(argument, settings.CHANNEL_PATH) for argument in arguments], ()


def _discovered() -> _Consumers:
    found = walk()
    if not found.documented:
        raise ValueError(
            f"nothing to document in the routing of ASGI_APPLICATION: {found.why_nothing()}, or name a consumer with "
            "--consumer"
        )
    return [(route.consumer, route.address) for route in found.documented], found.problems


def _servers(options: dict[str, Any], settings: Settings) -> Any:
    told = default_servers(DEFAULT_HOST, DEFAULT_PROTOCOL, settings, pathname=configured_prefix())
    if not options["host"] and not options["protocol"]:
        return told
    # What the command line says goes before the settings, SERVERS too.
    server = {"host": template.check_host(_host(options, settings)), "protocol": _protocol(options, settings)}
    pathname = configured_prefix() if settings.SERVERS is not None else told["default"].get("pathname")
    return {"default": {**server, "pathname": pathname} if pathname else server}


def _host(options: dict[str, Any], settings: Settings) -> str:
    return str(options["host"] or settings.WS_HOST or DEFAULT_HOST)


def _protocol(options: dict[str, Any], settings: Settings) -> str:
    return str(options["protocol"] or settings.WS_PROTOCOL or DEFAULT_PROTOCOL)


def _shown(text: str) -> str:
    return shown(text, LONGEST_SHOWN, ascii_only=False)


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__
