"""The ``chanspec`` command: what a project without ``manage.py`` does with its document, and what tools all need.

Each subcommand is a module with ``HELP``, ``add_arguments(parser)`` and ``run(options)``, which returns the exit code.
Only the one that is asked for is loaded, and what it needs besides when it runs.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

from chanspec import __version__
from chanspec.problems import near_match
from chanspec.terminal import shown

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "check": "chanspec.cli.check",
    "export": "chanspec.cli.export",
    "conform": "chanspec.cli.conform",
    "migrate": "chanspec.cli.migrate",
}

USAGE_ERROR = 2
INTERRUPTED = 130

DESCRIPTION = "Typed WebSocket APIs with a contract that cannot drift: write the document, and see that it is kept."
EXAMPLES = """\
examples:
  write the AsyncAPI document of an application to asyncapi.yaml:
    chanspec export shop.main:app

  see whether a running server keeps its document:
    chanspec conform ws://127.0.0.1:8000 --document asyncapi.yaml

  `chanspec COMMAND --help` says more of each.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; the exit code.

    Args:
        argv: The arguments; by default those of the process.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    asked = next((each for each in arguments if not each.startswith("-")), None)
    if asked is not None and asked not in COMMANDS:
        hint = near_match(asked, COMMANDS) or f"; there are {', '.join(COMMANDS)}"
        print(f"chanspec: error: there is no command '{shown(asked, 100)}'{hint}", file=sys.stderr)
        return USAGE_ERROR
    parser, command = _parsers(asked)
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        command.error(_unknown(unknown, command))
    if not options.command:
        parser.print_help()
        return USAGE_ERROR
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read the output has heard enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _unknown(words: Sequence[str], command: argparse.ArgumentParser) -> str:
    """Say which words a command does not take, and what they may have been meant to be."""
    known = [option for action in command._actions for option in action.option_strings if option.startswith("--")]
    hints = (near_match(each.partition("=")[0], known) for each in words if each.startswith("--"))
    return f"unrecognized arguments: {' '.join(shown(each, 100) for each in words)}{next(filter(None, hints), '')}"


def _parsers(asked: str | None) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """The parser of the whole command line, and that of the command that was asked for, if one was."""
    parser = argparse.ArgumentParser(
        "chanspec", description=DESCRIPTION, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"chanspec {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    command = parser
    for name, path in COMMANDS.items():
        if asked in COMMANDS and name != asked:
            commands.add_parser(name)  # it is not going to be used
            continue
        module: Any = importlib.import_module(path)
        subparser = commands.add_parser(
            name, help=module.HELP, description=module.HELP, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        module.add_arguments(subparser)
        subparser.set_defaults(run=module.run)
        command = subparser if name == asked else command
    return parser, command
