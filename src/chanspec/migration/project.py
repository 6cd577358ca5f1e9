"""A project's files, read together: some of what one needs depends on what is in another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import libcst as cst

from chanspec.migration.files import dependency_notes, python_files
from chanspec.migration.hints import Hints
from chanspec.migration.imports import Imports, References
from chanspec.migration.names import DEFAULTS, SETTINGS
from chanspec.migration.settings import Dicts
from chanspec.migration.source import Edit, Note, Source, UnreadableError
from chanspec.migration.strings import Strings

_SPECTACULAR = "CHANNELS_SPECTACULAR_SETTINGS"


@dataclass(frozen=True, slots=True)
class Result:
    """What a file becomes.

    Attributes:
        path: The file.
        old: Its bytes.
        new: What they become; the same where nothing changes.
        notes: For whoever does the rest by hand.
    """

    path: Path
    old: bytes
    new: bytes
    notes: Sequence[Note]


class _File:
    """What was found in a file.

    Attributes:
        definitions: The dicts of settings that it gives a value: their names, and the lines.
        app: Where it installs an app of channels_spectacular: the line, and the place behind the statement, which is
            None where that is no statement of the module's own.
    """

    def __init__(self, path: Path, content: bytes) -> None:
        self.path = path
        self.source = source = Source(content)
        references = References(source)
        source.module.visit(references)
        imports, strings, dicts, hints = Imports(source, references), Strings(source), Dicts(source), Hints(source)
        for visitor in (imports, strings, dicts, hints):
            source.module.visit(visitor)
        self.edits: list[Edit] = [*references.edits, *imports.edits, *strings.edits, *dicts.edits]
        self.notes: list[Note] = [*references.notes, *imports.notes, *strings.notes, *dicts.notes, *hints.notes]
        self.layers = hints.layers
        self.definitions = [(each.name, source.line(each.node)) for each in dicts.definitions]
        self.app = (source.line(strings.apps[0]), _behind(source, strings.apps[0])) if strings.apps else None
        source.release()

    def result(self) -> Result:
        content = self.source.content
        try:
            new = self.source.edited(self.edits)
        except UnreadableError as error:
            return Result(self.path, content, content, [Note(1, f"not changed: {error}"), *sorted(set(self.notes))])
        return Result(self.path, content, new, sorted(set(self.notes)))


def migrate(paths: Iterable[Path]) -> list[Result]:
    """Return what becomes of the files at or below some paths that need a change or a note. Nothing is written.

    Raises:
        OSError: A file cannot be read.
    """
    paths = list(paths)
    files: list[_File] = []
    results: list[Result] = []
    for path in python_files(paths):
        content = path.read_bytes()
        try:
            files.append(_File(path, content))
        except UnreadableError as error:
            results.append(Result(path, content, content, [Note(1, f"not read: {error}")]))
    if any(b"chanx" in file.source.content for file in files):
        for file in files:
            file.notes += file.layers
    _keep_perspective(files)
    _tell_of_two_dicts(files)
    results += [file.result() for file in files]
    by_path: dict[Path, list[Note]] = {}
    for path, note in dependency_notes(paths):
        by_path.setdefault(path, []).append(note)
    results += [Result(path, b"", b"", notes) for path, notes in by_path.items()]
    return sorted((each for each in results if each.new != each.old or each.notes), key=lambda each: each.path)


def _keep_perspective(files: Sequence[_File]) -> None:
    """Where the app is installed without a dict of settings, one must say that documents are the client's."""
    defined = {name for file in files for name, _ in file.definitions}
    if _SPECTACULAR in defined:
        return
    told = ", ".join(f'"{key}": "{value}"' for key, value in DEFAULTS[_SPECTACULAR].items())
    for file in files:
        if file.app is None:
            continue
        line, place = file.app
        if defined or place is None or SETTINGS.encode() in file.source.content:
            text = f"add {told} to {SETTINGS}, so that documents of actions and events stay as they were"
            file.notes.append(Note(line, text))
        else:
            file.edits.append(Edit(place, place, f"{file.source.newline}{SETTINGS} = {{{told}}}"))


def _behind(source: Source, node: cst.CSTNode) -> int | None:
    """The place behind the module's statement that a node is in, and behind the comment in its line."""
    *_, statement, module = source.parents(node)
    assert isinstance(module, cst.Module)
    if not isinstance(statement, cst.SimpleStatementLine):
        return None
    rest = statement.trailing_whitespace
    comment = "" if rest.comment is None else f"{rest.whitespace.value}{rest.comment.value}"
    return source.stop(statement) + len(comment.encode())


def _tell_of_two_dicts(files: Sequence[_File]) -> None:
    homes: dict[str, _File] = {}
    for file in files:
        for defined, line in file.definitions:
            for name, home in homes.items():
                if name != defined and home is not file:
                    file.notes.append(
                        Note(line, f"{name} in {home.path} became {SETTINGS} too: put both into one dict")
                    )
            homes.setdefault(defined, file)
