"""A Python file as LibCST reads it: where its parts are, what its names mean, and its text with some places changed."""

from __future__ import annotations

import ast
import codecs
import sys
import tokenize
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from platform import python_version
from typing import Any

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper, QualifiedNameSource, Scope, ScopeProvider


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
        self.content = content
        body = content[len(self._bom) :]
        try:
            encoding, _ = tokenize.detect_encoding(BytesIO(content).readline)
            _check_depth(body.decode(encoding.removesuffix("-sig")))
            module = cst.parse_module(body)
            written = module.bytes
        except cst.ParserSyntaxError as error:
            raise UnreadableError(f"line {error.raw_line}: {error.message.splitlines()[0]}") from error
        except (UnicodeError, SyntaxError, LookupError, RecursionError) as error:
            raise UnreadableError(str(error) or type(error).__name__) from error
        if written != body:
            raise UnreadableError("LibCST does not keep its " + ("form feeds" if b"\x0c" in body else "line ends"))
        self.newline = module.default_newline
        self._encoding = module.encoding
        self._utf8 = module.code.encode()
        try:
            self._read(module)
        except RecursionError as error:
            raise UnreadableError(str(error)) from error

    def _read(self, module: cst.Module) -> None:
        wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        found = wrapper.resolve_many([ByteSpanPositionProvider, ScopeProvider])
        self.module = wrapper.module
        self._spans: Mapping[cst.CSTNode, Any] = found[ByteSpanPositionProvider]
        self._scopes: Mapping[cst.CSTNode, Any] = found[ScopeProvider]
        self._parents = _parents(self.module)

    def release(self) -> None:
        """Let go of the tree, which takes a thousand times the space of the text; only edits can be made then."""
        self.module = cst.Module([])
        self._spans, self._scopes, self._parents = {}, {}, {}

    def start(self, node: cst.CSTNode) -> int:
        """Where a node begins."""
        return int(self._spans[node].start)

    def stop(self, node: cst.CSTNode) -> int:
        """Where a node ends."""
        span = self._spans[node]
        return int(span.start + span.length)

    def line(self, node: cst.CSTNode) -> int:
        """The line that a node begins in."""
        return self._utf8.count(b"\n", 0, self.start(node)) + 1

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
        scope: Scope | None = self._scopes.get(node)
        names = scope.get_qualified_names_for(node) if scope is not None else ()
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
            if not _compiles(self.content):
                raise UnreadableError(
                    f"Python {python_version()}, which runs this, takes it for wrong: {error}; "
                    "where the project's own Python does not, install chanspec there"
                ) from error
            raise UnreadableError(f"the result would be wrong: {error}") from error


def _check_depth(text: str) -> None:
    """Refuse what is nested so deep that LibCST's parser would end the process; Python's own has a limit.

    Since Python 3.13 that limit is so high that LibCST takes minutes. It needs a call for each level, so what is deeper
    than calls may be could not be read anyhow.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            level: list[ast.AST] = [ast.parse(text)]
    except MemoryError as error:
        raise UnreadableError("it is nested too deep") from error
    except SyntaxError as error:
        if "too many nested" in str(error):
            raise
    except ValueError:  # null bytes: LibCST says where
        pass
    else:
        for _ in range(sys.getrecursionlimit()):
            level = [child for node in level for child in ast.iter_child_nodes(node)]
        if level:
            raise UnreadableError("it is nested too deep")


def _compiles(content: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(content, "the file", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def _parents(module: cst.Module) -> dict[cst.CSTNode, cst.CSTNode]:
    found: dict[cst.CSTNode, cst.CSTNode] = {}
    todo: list[cst.CSTNode] = [module]
    while todo:
        node = todo.pop()
        for name in node.__dataclass_fields__:
            value = getattr(node, name)
            for child in value if isinstance(value, list | tuple) else (value,):
                if isinstance(child, cst.CSTNode):
                    found[child] = node
                    todo.append(child)
    return found


def dotted(node: cst.BaseExpression | cst.CSTNode | None) -> str | None:
    """``a.b.c`` of names and attributes; None of anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute) and (before := dotted(node.value)) is not None:
        return f"{before}.{node.attr.value}"
    return None
