"""Reads YAML that somebody wrote, keeping where each thing stands. Nothing is constructed but plain JSON values.

The text is not trusted: tags that ask for objects are refused, and everything that reading does is counted and bounded:
characters, tokens, levels, and what aliases and merge keys copy. Not for YAML that we write ourselves (`text`), and not
for editing (`template`).
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.scanner import Scanner, ScannerError

from chanspec.asyncapi.plain import MAX_DEPTH

LARGEST = 10_000_000
"""How many characters a text may have, and how many its values may have once its aliases are expanded."""

MAX_TOKENS = 250_000
"""How many tokens of YAML are read: about 1 MB of it. ruamel.yaml reads 25,000 to 50,000 a second."""

_TAG = "tag:yaml.org,2002:"
_MERGE = _TAG + "merge"
_OWN_TAGS = frozenset(
    _TAG + kind for kind in ("str", "int", "float", "bool", "null", "map", "seq", "merge", "timestamp", "value")
)
# The core schema of YAML 1.2 (section 10.3.2): what a plain scalar is, whatever YAML 1.1 took it for.
_CORE_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_CORE_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_CORE_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_CORE_WORDS = {
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class SourceError(ValueError):
    """Text that cannot be used. `line` and `column` count from 1; `str()` is one line."""

    def __init__(self, what: str, line: int = 1, column: int = 1) -> None:
        super().__init__(f"line {line}, column {column}: {what}")
        self.line = line
        self.column = column

    @classmethod
    def at(cls, mark: StreamMark, what: str) -> SourceError:
        """The error at a place that ruamel.yaml marked."""
        return cls(what, mark.line + 1, mark.column + 1)


class BoundedScanner(Scanner):
    """ruamel.yaml's scanner with a limit of tokens and of levels, and with a faster list of possible keys.

    A bracket may begin a key, so the scanner keeps every open bracket of the last 1,024 characters, and looks at all
    of them seven times for each token: 2,000 brackets took 1.8 s. Each is inside of the one before, so the oldest is
    always the first, and looking at that one is enough.
    """

    tokens_scanned = 0

    def fetch_more_tokens(self) -> Any:
        self.tokens_scanned += 1
        if self.tokens_scanned > MAX_TOKENS:
            raise SourceError.at(self.reader.get_mark(), f"more than {MAX_TOKENS:,} tokens of YAML; JSON may be longer")
        if self.flow_level + len(self.indents) > MAX_DEPTH:
            raise SourceError.at(self.reader.get_mark(), f"nested more than {MAX_DEPTH} levels deep")
        return super().fetch_more_tokens()

    def next_possible_simple_key(self) -> Any:
        for key in self.possible_simple_keys.values():
            return key.token_number
        return None

    def stale_possible_simple_keys(self) -> None:
        while self.possible_simple_keys:
            level, key = next(iter(self.possible_simple_keys.items()))
            # YAML 1.2, 7.4.2: a key is on one line, and at most 1,024 characters long.
            if key.line == self.reader.line and self.reader.index - key.index <= 1024:
                return
            if key.required:
                mark = self.reader.get_mark()
                raise ScannerError("while scanning a simple key", key.mark, "could not find expected ':'", mark)
            del self.possible_simple_keys[level]


def load(text: str) -> Any:
    """The plain JSON value of a text of YAML or JSON; `None` for an empty one. Raises `SourceError`.

    JSON is read by the standard library, a hundred times as fast. What that refuses, and what this package refuses of
    it, is read as YAML, which it is too: so errors name their places.
    """
    if len(text) <= LARGEST and text.lstrip()[:1] in ("{", "["):
        try:
            return _json(text)
        except (ValueError, RecursionError):
            pass
    root = compose(text)
    return None if root is None else to_value(root)


def _json(text: str) -> Any:
    value = json.loads(text, object_pairs_hook=_object, parse_constant=_refused, parse_float=_finite)
    waiting, depth = [value], 0
    while inner := [each for each in waiting if isinstance(each, dict | list)]:
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError(depth)
        waiting = [one for each in inner for one in (each.values() if isinstance(each, dict) else each)]
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key is there twice")
    return made


def _refused(text: str) -> Any:
    raise ValueError(text)


def _finite(text: str) -> float:
    return number if math.isfinite(number := float(text)) else _refused(text)


def compose(text: str) -> Node | None:
    """The nodes of a text of one YAML document, or `None` for an empty one. Raises `SourceError`."""
    if len(text) > LARGEST:
        raise SourceError(f"more than {LARGEST:,} characters")
    reader = YAML(typ="safe", pure=True)
    reader.Scanner = BoundedScanner
    reader.composer.warn_double_anchors = False  # YAML allows it: the later one counts
    try:
        node: Node | None = reader.compose(text)
    except MarkedYAMLError as error:
        what = " ".join(filter(None, (error.context, error.problem))) or "invalid"
        mark = error.problem_mark or error.context_mark
        raise SourceError.at(mark, f"not valid YAML: {what}") from error
    except YAMLError as error:
        position = getattr(error, "position", 0)
        before = text[:position]
        what = str(error).splitlines()[0]
        line = before.count("\n") + 1
        raise SourceError(f"not valid YAML: {what}", line, position - before.rfind("\n")) from error
    except RecursionError as error:
        raise SourceError("nested too deeply") from error
    return node


def lookup(node: Node | None, key: str) -> Node | None:
    """The value at `key` of a mapping, its own or merged into it; `None` where there is none."""
    for found, value in entries(node):
        if found.value == key:
            return value
    return None


def entries(node: Node | None) -> Iterator[tuple[ScalarNode, Node]]:
    """The entries of a mapping: its own first, then those merged with `<<`, a nearer one before a further one."""
    yield from _entries(node, set())


def _entries(node: Node | None, entered: set[int]) -> Iterator[tuple[ScalarNode, Node]]:
    if not isinstance(node, MappingNode) or id(node) in entered:
        return
    entered.add(id(node))
    merged: list[Node] = []
    for key, value in node.value:
        if _is_merge(key):
            merged += value.value if isinstance(value, SequenceNode) else [value]
        elif isinstance(key, ScalarNode):
            yield key, value
    for each in merged:
        yield from _entries(each, entered)


def _is_merge(key: Node) -> bool:
    return str(key.tag) == _MERGE


def to_value(node: Node) -> Any:
    """The plain JSON value of a node, merge keys resolved.

    A value that aliases name twice is one Python object, twice. Raises `SourceError` for what JSON has no form for:
    a tag of its own, a key that is not text, a key written twice, a number that is not finite; and for a document
    that contains itself, or is too large or too deep once written out.
    """
    return _Values().of(node)[0]


# A value, how many characters and how many lines it is written out, and how many levels deep.
_Measured = tuple[Any, int, int, int]


class _Values:
    def __init__(self) -> None:
        self._done: dict[int, _Measured] = {}
        self._open: set[int] = set()

    def of(self, node: Node) -> _Measured:
        done = self._done.get(id(node))
        if done is not None:
            return done
        if id(node) in self._open:
            raise SourceError.at(node.start_mark, "an alias makes this contain itself")
        if str(node.tag) not in _OWN_TAGS:
            shown = str(node.tag)[:80]
            raise SourceError.at(node.start_mark, f"the tag {shown} names no JSON type; remove it")
        self._open.add(id(node))
        value, size, lines, depth = self._measured(node)
        self._open.discard(id(node))
        if depth > MAX_DEPTH:
            raise SourceError.at(node.start_mark, f"nested more than {MAX_DEPTH} levels deep")
        self._check_size(size, node)
        self._done[id(node)] = value, size, lines, depth
        return value, size, lines, depth

    def _measured(self, node: Node) -> _Measured:
        if isinstance(node, MappingNode):
            return self._mapping(node)
        if isinstance(node, SequenceNode):
            return self._sequence(node)
        assert isinstance(node, ScalarNode)
        return _scalar(node), len(node.value) + 2, 1, 0

    def _sequence(self, node: SequenceNode) -> _Measured:
        values: list[Any] = []
        size, lines, depth = 2, 1, 0
        for each in node.value:
            value, characters, of_it, levels = self.of(each)
            values.append(value)
            size += characters + 2 * of_it  # each level indents what is in it by two
            lines += of_it
            depth = max(depth, levels)
            self._check_size(size, each)
        return values, size, lines, depth + 1

    def _mapping(self, node: MappingNode) -> _Measured:
        own: dict[str, Any] = {}
        sources: list[dict[str, Any]] = []
        size, lines, depth = 2, 1, 0
        for key, value in node.value:
            form, characters, of_it, levels = self.of(value)
            size += characters + 2 * of_it
            lines += of_it
            depth = max(depth, levels)
            self._check_size(size, value)
            if _is_merge(key):
                sources += _merged(value, form)
                continue
            name = _key(key)
            if name in own:
                raise SourceError.at(key.start_mark, f"the key {name[:80]!r} is here a second time")
            own[name] = form
            size += len(name) + 2
        merged: dict[str, Any] = {}
        for each in reversed(sources):
            merged.update(each)
        return (own | {key: merged[key] for key in merged if key not in own} if merged else own), size, lines, depth + 1

    def _check_size(self, size: int, node: Node) -> None:
        if size > LARGEST:
            raise SourceError.at(node.start_mark, f"more than {LARGEST:,} characters once its aliases are written out")


def _merged(node: Node, value: Any) -> list[dict[str, Any]]:
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, dict) for each in values):
        raise SourceError.at(node.start_mark, "`<<` merges mappings only")
    return values


def _key(node: Node) -> str:
    if not isinstance(node, ScalarNode):
        raise SourceError.at(node.start_mark, "a key is a mapping or a list, which JSON cannot hold; quote it")
    if str(node.tag) not in _OWN_TAGS:
        raise SourceError.at(node.start_mark, f"the tag {str(node.tag)[:80]} names no JSON type; remove it")
    return str(node.value)  # `200:` is the key "200" of JSON


def _scalar(node: ScalarNode) -> Any:
    text: str = node.value
    kind = str(node.tag).removeprefix(_TAG)
    if kind == "str" or (node.style is not None and kind in ("timestamp", "value", "merge")):
        return text
    if text in _CORE_WORDS:
        return _CORE_WORDS[text]
    if _CORE_INT.fullmatch(text):
        if len(text) > sys.int_info.default_max_str_digits:
            raise SourceError.at(node.start_mark, "a number of too many digits")
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _CORE_FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    if _CORE_FLOAT.fullmatch(text) or _CORE_NOT_FINITE.fullmatch(text):
        raise SourceError.at(node.start_mark, f"{text[:40]} is not a JSON number")
    return text  # a date, or what only YAML 1.1 takes for a number
