"""`manage.py generate_asyncapi_schema`: `export_asyncapi` by another name, to standard output by default."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import CommandParser

from chanspec.channels.management.commands import export_asyncapi
from chanx.channels.generator import AsyncAPIGenerator


class Command(export_asyncapi.Command):
    generator_class = AsyncAPIGenerator

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--file", metavar="FILE", help="as --output (default: standard output)")
        parser.add_argument("--base-url", metavar="URL", help="as --protocol and --host: ws://localhost:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        options["output"] = options["file"] or options["output"] or "-"
        if options["base_url"]:
            base = urlsplit(options["base_url"])
            options["host"], options["protocol"] = base.netloc, base.scheme
        super().handle(*args, **options)
