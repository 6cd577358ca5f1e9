"""A Python file as LibCST reads it: where its parts are, what its names mean, and its text with some places changed."""

from __future__ import annotations

import codecs
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import libcst as cst
from libcst.metadata import (
    ByteSpanPositionProvider,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    QualifiedName,
    QualifiedNameProvider,
    QualifiedNameSource,
)


class UnreadableError(ValueError):
    """The file is no Python that could be given back unchanged."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """New text for the bytes from ``start`` to ``stop`` of a source in UTF-8."""

    start: int
    stop: int
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """What somebody has to do by hand, or should know, and in which line."""

    line: int
    text: str


class Source:
    """A file that was read.

    Args:
        content: Its bytes, in whatever encoding it declares (PEP 263).

    Raises:
        UnreadableError: It has a syntax error, or is in no encoding that can be read.
    """

    def __init__(self, content: bytes) -> None:
        self._bom = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
        body = content[len(self._bom) :]
        try:
            module = cst.parse_module(body)
            if module.bytes != body:
                raise UnreadableError("it has line ends of several kinds")
        except cst.ParserSyntaxError as error:
            raise UnreadableError(f"line {error.raw_line}: {error.message.splitlines()[0]}") from error
        except (UnicodeError, SyntaxError, LookupError, RecursionError) as error:
            raise UnreadableError(str(error) or type(error).__name__) from error
        self.content = content
        wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        self.module = wrapper.module
        self.newline = module.default_newline
        self._encoding = module.encoding
        self._utf8 = module.code.encode()
        self._spans = wrapper.resolve(ByteSpanPositionProvider)
        self._positions = wrapper.resolve(PositionProvider)
        self._parents = wrapper.resolve(ParentNodeProvider)
        self._names = wrapper.resolve(QualifiedNameProvider)

    def start(self, node: cst.CSTNode) -> int:
        """Where a node begins."""
        return int(self._spans[node].start)

    def stop(self, node: cst.CSTNode) -> int:
        """Where a node ends."""
        span = self._spans[node]
        return int(span.start + span.length)

    def line(self, node: cst.CSTNode) -> int:
        """The line that a node begins in."""
        return int(self._positions[node].start.line)

    def column(self, node: cst.CSTNode) -> int:
        """The column that a node begins in."""
        return int(self._positions[node].start.column)

    def text(self, start: int, stop: int) -> str:
        """The text between two places."""
        return self._utf8[start:stop].decode()

    def indent(self, node: cst.CSTNode) -> str:
        """What the line of a node begins with, if that is white space only."""
        start = self.start(node)
        before = self._utf8[self._utf8.rfind(b"\n", 0, start) + 1 : start].decode()
        return before if not before.strip() else ""

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """What a node is directly in."""
        return self._parents.get(node)

    def parents(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """What a node is in, from the inside."""
        while (above := self._parents.get(node)) is not None:
            yield above
            node = above

    def imported(self, node: cst.CSTNode) -> list[str]:
        """The dotted names that a name was imported as: none, one, or one for each import of it."""
        found: Any = self._names.get(node, ())
        if callable(found):  # names are computed when they are asked for
            found = found()
        names: Iterable[QualifiedName] = found
        return sorted({str(name.name) for name in names if name.source is QualifiedNameSource.IMPORT})

    def edited(self, edits: Iterable[Edit]) -> bytes:
        """The content with edits.

        Raises:
            UnreadableError: The result would be no Python, or cannot be written in the file's encoding.
        """
        result, done = [], 0
        for edit in sorted(set(edits)):
            if edit.start < done:
                raise UnreadableError(f"two changes overlap at {self.text(edit.start, edit.stop)!r}")
            result += [self._utf8[done : edit.start], edit.text.encode()]
            done = edit.stop
        text = b"".join([*result, self._utf8[done:]]).decode()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the project's own code, which is no business of ours
                compile(text, "the result", "exec", dont_inherit=True)
            return self._bom + text.encode(self._encoding)
        except (SyntaxError, ValueError, RecursionError) as error:
            raise UnreadableError(f"the result would be wrong: {error}") from error


def dotted(node: cst.BaseExpression | cst.CSTNode | None) -> str | None:
    """``a.b.c`` of names and attributes; None of anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute) and (before := dotted(node.value)) is not None:
        return f"{before}.{node.attr.value}"
    return None
