"""`chanspec migrate PATH`: a project's imports and settings, from the packages that chanspec stands in for to its own.

What is rewritten is :mod:`chanspec.migration`'s part; here it is shown or written.
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from chanspec.migration.project import Result

HELP = "rewrite imports and settings of django-channels-spectacular and chanx to chanspec's"

DESCRIPTION = """\
Rewrite imports, dotted names and settings of django-channels-spectacular and
chanx to chanspec's. What cannot be rewritten is listed with its place. Virtual
environments, node_modules and hidden folders are left alone.
"""
EXAMPLES = """\
examples:
  show what would change, as a diff:
    chanspec migrate .

  change it:
    chanspec migrate . --write

  in CI, fail while something would change:
    chanspec migrate . --check
"""

UNCHANGED, PENDING, FAILED = 0, 1, 2
"""Exit codes: nothing to do, or done; --check, and something would change; it could not be tried."""

_COLOURS = {"---": "1", "+++": "1", "@@": "36", "-": "31", "+": "32"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a parser the command's arguments."""
    parser.description = DESCRIPTION
    parser.epilog = EXAMPLES
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a file, or a folder with all below it")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true", help="change the files; without it nothing is changed")
    action.add_argument("--check", action="store_true", help="exit 1 if a file would change")


def run(options: argparse.Namespace) -> int:
    """Show or write the changes; the exit code."""
    if missing := [path for path in options.paths if not path.is_file() and not path.is_dir()]:
        return _fail(f"{missing[0]}: there is no such file or folder")
    try:
        from chanspec.migration.project import migrate
    except ModuleNotFoundError as error:
        if error.name != "libcst":
            raise
        return _fail('rewriting code needs LibCST: pip install "chanspec[migrate]"')
    try:
        results = migrate(options.paths)
        changed = [result for result in results if result.new != result.old]
        if options.write:
            _write(changed)
        else:
            _show(changed, sys.stdout)
            sys.stdout.flush()  # before what is said of them
    except BrokenPipeError:
        raise  # of whoever reads the diff
    except OSError as error:
        return _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    _tell(results)
    _summarize(results, changed, options.write)
    return PENDING if options.check and changed else UNCHANGED


def _write(results: Iterable[Result]) -> None:
    from chanspec.asyncapi import output

    for result in results:
        try:
            output.write_bytes(result.path, result.new)
        except OSError as error:  # which may name a file beside it
            raise OSError(error.errno, error.strerror, str(result.path)) from error


def _show(results: Iterable[Result], stream: TextIO) -> None:
    """Show diffs: to people in their terminal's encoding, to programs byte for byte, so that they can be applied."""
    colours = _has_colours(stream)
    for result in results:
        if colours or stream.isatty():
            for line in _diff(result, _decoded):
                text = line.decode("utf-8", "replace")
                colour = next((code for start, code in _COLOURS.items() if text.startswith(start)), None)
                stream.write(f"\x1b[{colour}m{text}\x1b[m\n" if colours and colour else f"{text}\n")
        else:
            stream.flush()
            stream.buffer.writelines(line + b"\n" for line in _diff(result, bytes))


def _diff(result: Result, as_: Callable[[bytes], bytes]) -> Iterator[bytes]:
    name = os.fsencode(result.path.as_posix().lstrip("/"))
    old, new = _lines(as_(result.old)), _lines(as_(result.new))
    for line in difflib.diff_bytes(difflib.unified_diff, old, new, b"a/" + name, b"b/" + name):
        yield line.removesuffix(b"\n")
        if not line.endswith(b"\n"):
            yield b"\\ No newline at end of file"


def _lines(content: bytes) -> list[bytes]:
    return list(BytesIO(content))  # nothing but a line feed ends a line


def _decoded(content: bytes) -> bytes:
    encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
    return content.decode(encoding, "backslashreplace").replace("\r\n", "\n").encode()


def _tell(results: Iterable[Result]) -> None:
    for result in results:
        for note in result.notes:
            print(f"{result.path}:{note.line}: {note.text}", file=sys.stderr)


def _summarize(results: Sequence[Result], changed: Sequence[Result], written: bool) -> None:
    notes = sum(len(result.notes) for result in results)
    done = f"{_count(len(changed), 'file')} {'changed' if written else 'would change'}"
    rest = f"{_count(notes, 'place')} to look at" if notes else "nothing to do by hand"
    hint = "; --write changes them" if changed and not written else ""
    print(f"{done}, {rest}{hint}", file=sys.stderr)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _has_colours(stream: TextIO) -> bool:
    """By the customs of NO_COLOR and FORCE_COLOR; else where a terminal reads."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


def _fail(sentence: str) -> int:
    print(f"chanspec migrate: {sentence}", file=sys.stderr)
    return FAILED
