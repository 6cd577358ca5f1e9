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
    """A file with everything that was found in it."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path = path
        self.source = Source(content)
        references = References(self.source)
        self.source.module.visit(references)
        imports = Imports(self.source, references)
        self.strings = Strings(self.source)
        self.dicts = Dicts(self.source)
        hints = Hints(self.source)
        for visitor in (imports, self.strings, self.dicts, hints):
            self.source.module.visit(visitor)
        self.edits: list[Edit] = [*references.edits, *imports.edits, *self.strings.edits, *self.dicts.edits]
        self.notes: list[Note] = [
            *references.notes,
            *imports.notes,
            *self.strings.notes,
            *self.dicts.notes,
            *hints.notes,
        ]
        self.layers = hints.layers

    def note(self, node: cst.CSTNode, text: str) -> None:
        self.notes.append(Note(self.source.line(node), text))

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
    defined = {each.name for file in files for each in file.dicts.definitions}
    if _SPECTACULAR in defined:
        return
    told = ", ".join(f'"{key}": "{value}"' for key, value in DEFAULTS[_SPECTACULAR].items())
    for file in files:
        for node in file.strings.apps[:1]:
            statement = _top_level(file.source, node)
            if defined or statement is None or SETTINGS.encode() in file.source.content:
                file.note(node, f"add {told} to {SETTINGS}, so that documents of actions and events stay as they were")
                continue
            newline = file.source.newline
            place = file.source.stop(statement)
            if statement.trailing_whitespace.comment is not None:
                place += len(
                    f"{statement.trailing_whitespace.whitespace.value}{statement.trailing_whitespace.comment.value}".encode()
                )
            file.edits.append(Edit(place, place, f"{newline}{SETTINGS} = {{{told}}}"))


def _top_level(source: Source, node: cst.CSTNode) -> cst.SimpleStatementLine | None:
    *_, statement, module = source.parents(node)
    assert isinstance(module, cst.Module)
    return statement if isinstance(statement, cst.SimpleStatementLine) else None


def _tell_of_two_dicts(files: Sequence[_File]) -> None:
    homes: dict[str, _File] = {}
    for file in files:
        for definition in file.dicts.definitions:
            for name, home in homes.items():
                if name != definition.name and home is not file:
                    file.note(
                        definition.node,
                        f"{name} in {home.path} became {SETTINGS} too: put both into one dict",
                    )
            homes.setdefault(definition.name, file)
