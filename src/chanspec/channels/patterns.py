"""Reads Django URL patterns (``path`` and ``re_path``) as the texts and parameters they match.

It only reads one pattern: joining nested routers and finding consumers is ``discovery``'s part. A regular
expression is read as the paths it stands for, so what cannot be spelled in a path (look-arounds, anchors) is left out.
Whether a path is matched after all, ``reaching`` finds out, with the examples that each parameter has from here.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

from django.urls import converters as django_converters
from django.urls.resolvers import RegexPattern, RoutePattern

from chanspec.asyncapi.addresses import SLUG_PATTERN, AddressError, Parameter, split

__all__ = ["Parts", "paths_of", "paths_of_regex"]

#: Literal text and parameters, in the order of the path. A parameter of an unnamed group has an empty name.
Parts = list["str | Parameter"]

#: A regular expression with more spellings than this is documented by its fullest one.
MAX_SPELLINGS = 8


def paths_of(pattern: object) -> list[Parts]:
    """The paths a pattern stands for: one for ``path()``, several for a ``re_path()`` with choices.

    Raises ``AddressError`` for what has no address.
    """
    if isinstance(pattern, RegexPattern):
        return paths_of_regex(str(pattern))
    if isinstance(pattern, RoutePattern):
        described = {
            name: replace(_converted(name, converter), examples=_examples_of(str(getattr(converter, "regex", ""))))
            for name, converter in pattern.converters.items()
        }
        return [split(str(pattern), described)]
    raise AddressError(
        f"a {type(pattern).__name__} is no pattern that URLRouter takes", "route it with path() or re_path()"
    )


def paths_of_regex(regex: str) -> list[Parts]:
    """The paths a ``re_path`` regular expression stands for, fullest first."""
    try:
        re.compile(regex)
    except re.error as error:
        raise AddressError(f"{regex!r} is not a regular expression ({error})", "correct it") from None
    reader = _Reader(regex)
    tree = reader.read()
    spellings = _Speller(_count(tree) <= MAX_SPELLINGS, reader.flags).spell(tree)
    unique: list[Parts] = []
    for parts in spellings:
        merged = _merge(parts)
        if merged not in unique:
            unique.append(merged)
    return unique


def _converted(name: str, converter: object) -> Parameter:
    """Describe a parameter: Django's own converters by their meaning, others by the text they match."""
    if isinstance(converter, django_converters.IntConverter):
        return Parameter(name, {"type": "integer"}, "A whole number.")
    if isinstance(converter, django_converters.UUIDConverter):
        return Parameter(name, {"type": "string", "format": "uuid"}, "A UUID.")
    if type(converter) is django_converters.SlugConverter:
        return Parameter(
            name,
            {"type": "string", "pattern": f"^{SLUG_PATTERN}$"},
            "Letters, digits, hyphens and underscores.",
        )
    if type(converter) is django_converters.PathConverter:
        return Parameter(name, {"type": "string"}, "The rest of the path; may hold slashes.")
    if type(converter) is django_converters.StringConverter:
        return Parameter(name)
    doc = (type(converter).__doc__ or "").strip().splitlines()
    return Parameter(name, _matching(str(getattr(converter, "regex", ""))), doc[0].strip() if doc else "")


@dataclass(frozen=True, slots=True)
class _Text:
    """One literal character."""

    text: str


@dataclass(frozen=True, slots=True)
class _Any:
    """A character that is not fixed: a class, a dot, a back-reference."""

    source: str


@dataclass(frozen=True, slots=True)
class _Group:
    """A group; ``captured`` tells what arrives as a parameter, ``name`` is empty for a numbered one."""

    choices: list[list[_Node]]
    captured: bool
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class _Repeat:
    """Another node with a quantifier."""

    node: _Node
    least: int
    most: int | None
    source: str


_Node = _Text | _Any | _Group | _Repeat

_QUANTIFIER = re.compile(r"(?:[*+?]|\{(?P<least>\d*)(?P<comma>,?)(?P<most>\d*)\})[?+]?")
_GROUP_START = re.compile(
    r"\((?:\?P<(?P<name>\w+)>"
    r"|\?P=(?P<back>\w+)"
    r"|(?P<look>\?(?:<?[=!]))"
    r"|(?P<comment>\?\#)"
    r"|(?P<flags>\?[aiLmsux-]*\))"
    r"|(?P<plain>\?(?:[aiLmsux-]*:|>))"
    r"|(?P<condition>\?\(\w+\))"
    r"|(?P<numbered>))"
)
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}


class _Reader:
    """A recursive descent over a regular expression that ``re`` has already accepted."""

    def __init__(self, regex: str) -> None:
        self.regex = regex
        self.at = 0
        self.flags = re.compile(regex).flags
        self.verbose = bool(self.flags & re.VERBOSE)

    def read(self) -> _Group:
        return _Group(self._choices(), captured=False, name="", source=self.regex)

    def _choices(self) -> list[list[_Node]]:
        choices: list[list[_Node]] = [[]]
        while self.at < len(self.regex) and self.regex[self.at] != ")":
            if self.regex[self.at] == "|":
                self.at += 1
                choices.append([])
                continue
            start = self.at
            node = self._node()
            if node is None:
                continue
            if self.verbose:
                self._skip_space()
            choices[-1].append(self._quantified(node, start))
        return choices

    def _skip_space(self) -> None:
        while self.at < len(self.regex) and self.regex[self.at].isspace():
            self.at += 1

    def _node(self) -> _Node | None:
        char = self.regex[self.at]
        if char == "(":
            return self._group()
        if char == "[":
            return self._class()
        if char == "\\":
            return self._escape()
        self.at += 1
        if self.verbose and (char.isspace() or char == "#"):
            if char == "#":
                self.at = (self.regex + "\n").index("\n", self.at)
            return None
        if char in "^$":
            return None
        return _Any(char) if char == "." else _Text(char)

    def _quantified(self, node: _Node, start: int) -> _Node:
        match = _QUANTIFIER.match(self.regex, self.at)
        if match is None or match[0] in ("{}", "{,}"):
            return node
        self.at = match.end()
        if match[0][0] in "*+?":
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[match[0][0]]
        else:
            least = int(match["least"] or 0)
            most = int(match["most"]) if match["most"] else (None if match["comma"] else least)
        return _Repeat(node, least, most, self.regex[start : self.at])

    def _class(self) -> _Any:
        """``[...]``: a ``]`` right behind the opening is a member."""
        match = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL).match(self.regex, self.at)
        assert match is not None
        self.at = match.end()
        return _Any(match[0])

    def _escape(self) -> _Node | None:
        char = self.regex[self.at + 1]
        self.at += 2
        if char in "AZzbB":
            return None
        if char in "dDwWsS" or char.isdigit():
            return _Any("\\" + char)
        if char in "xuU":
            width = {"x": 2, "u": 4, "U": 8}[char]
            self.at += width
            return _Text(chr(int(self.regex[self.at - width : self.at], 16)))
        return _Text(_CONTROL.get(char, char))

    def _group(self) -> _Node | None:
        start = self.at
        match = _GROUP_START.match(self.regex, self.at)
        assert match is not None
        self.at = match.end()
        if match["flags"] is not None:
            return None
        if match["comment"] is not None:
            self.at = self.regex.index(")", self.at) + 1
            return None
        inner = self.at
        choices = self._choices()
        source = self.regex[inner : self.at]
        self.at += 1
        if match["look"] is not None:
            return None
        if match["back"] is not None or match["condition"] is not None:
            return _Any(self.regex[start : self.at])
        return _Group(choices, captured=match["plain"] is None, name=match["name"] or "", source=source)


def _count(node: _Node) -> int:
    """How many spellings a node has when every optional part and every choice is told apart."""
    if isinstance(node, _Repeat):
        return _count(node.node) + (1 if node.least == 0 and not isinstance(node.node, _Text | _Any) else 0)
    if not isinstance(node, _Group) or node.captured:
        return 1
    total = 0
    for choice in node.choices:
        ways = 1
        for part in choice:
            ways *= _count(part)
        total += ways
    return total


@dataclass(slots=True)
class _Speller:
    """Writes a tree as paths; with ``all_ways`` false, only as its fullest one."""

    all_ways: bool
    flags: int

    def spell(self, node: _Node) -> list[Parts]:
        if isinstance(node, _Text):
            return [[node.text]]
        if isinstance(node, _Any):
            return self._nameless(node)
        if isinstance(node, _Repeat):
            return self._repeat(node)
        if node.captured:
            literals = _literals(node)
            schema = {"type": "string", "enum": literals} if literals else _matching(node.source)
            return [[Parameter(node.name, schema, examples=_examples(node, self.flags))]]
        choices = node.choices if self.all_ways else node.choices[:1]
        return [parts for choice in choices for parts in self._sequence(choice)]

    def _nameless(self, node: _Any | _Repeat) -> list[Parts]:
        return [[Parameter("", _matching(node.source), examples=_examples(node, self.flags))]]

    def _sequence(self, nodes: list[_Node]) -> list[Parts]:
        spelled = [self.spell(node) for node in nodes]
        return [[part for parts in combination for part in parts] for combination in product(*spelled)]

    def _repeat(self, node: _Repeat) -> list[Parts]:
        if isinstance(node.node, _Any):
            return self._nameless(node)
        if node.most == 0:
            return [[]]
        inner = self.spell(node.node)
        times = max(node.least, 1)
        if isinstance(node.node, _Text):
            # `/?` and `s?`: the fuller spelling is what people write.
            return [parts * times for parts in inner]
        if times > 1:
            is_fixed = all(isinstance(part, str) for parts in inner for part in parts)
            return [parts * times for parts in inner] if is_fixed else self._several(node, inner)
        return [*inner, []] if node.least == 0 and self.all_ways else inner

    def _several(self, node: _Repeat, inner: list[Parts]) -> list[Parts]:
        """A group that occurs several times is one parameter: no address has one of a name twice."""
        if isinstance(node.node, _Group) and node.node.captured:
            [[parameter]] = inner
            assert isinstance(parameter, Parameter)
            return [[Parameter(parameter.name, _matching(node.source), examples=_examples(node, self.flags))]]
        return self._nameless(node)


def _literals(group: _Group) -> list[str]:
    """The texts of a group that is a choice of fixed texts, as ``(lobby|vip)``; else nothing."""
    texts = []
    for choice in group.choices:
        if not all(isinstance(node, _Text) for node in choice):
            return []
        texts.append("".join(node.text for node in choice if isinstance(node, _Text)))
    return texts


def _merge(parts: Parts) -> Parts:
    """Join neighbouring texts, and neighbouring nameless parameters: no path tells them apart."""
    merged: Parts = []
    for part in parts:
        last = merged[-1] if merged else None
        if isinstance(part, str) and isinstance(last, str):
            merged[-1] = last + part
        elif isinstance(part, Parameter) and isinstance(last, Parameter) and part.name == last.name == "":
            merged[-1] = Parameter("", examples=_side_by_side(last.examples, part.examples))
        else:
            merged.append(part)
    return merged


# Constructs that Python's regular expressions have and JSON Schema's (ECMA-262) lack, or read otherwise.
_PYTHON_ONLY = re.compile(r"\(\?(?![:=!])|\\[AZa]|[*+?}]\+")


def _matching(source: str) -> dict[str, Any]:
    """A string that matches a group's source, where JSON Schema can say so."""
    if not source or source in (".+", ".*", r"[^/]+") or _PYTHON_ONLY.search(source):
        return {"type": "string"}
    return {"type": "string", "pattern": f"^(?:{source})$" if "|" in source else f"^{source}$"}


def _side_by_side(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[str, ...]:
    if not left or not right:
        return ()
    count = max(len(left), len(right))
    return tuple(left[n % len(left)] + right[n % len(right)] for n in range(count))


# ----------------------------------------------------------------------------------------------- examples of parameters

OF_ANY_KIND = ("a", "1", "a1", "A-b_c", "a.b", "0", "a b", "~", "\u00e9", "a/b")
"""Texts of different kinds. What takes some of them leaves others to the routes behind it."""

_VARIANTS = 9
_TIMES = (0, 3, 20)  # what a repetition has more than its least

_USUAL = "a1Z-b_0.~"
_CHARACTERS = _USUAL + "".join(each for each in string.printable if each not in _USUAL and each >= " ") + "\u00e9\u4e2d"


@lru_cache(maxsize=256)
def _examples_of(regex: str) -> tuple[str, ...]:
    """Texts that a regular expression matches, as many different ones as are easily found."""
    try:
        reader = _Reader(regex)
    except re.error:
        return ()
    return _examples(reader.read(), reader.flags)


def _examples(node: _Any | _Group | _Repeat, flags: int) -> tuple[str, ...]:
    texts = dict.fromkeys([*(_text(node, variant, flags) for variant in range(_VARIANTS)), *OF_ANY_KIND])
    try:
        matches = re.compile(node.source, flags).fullmatch
    except re.error:  # it refers to a group outside
        return ()
    return tuple(text for text in texts if text and matches(text))


def _text(node: _Node, variant: int, flags: int) -> str:
    """A text that a node matches, look-arounds and references aside."""
    if isinstance(node, _Text):
        return node.text
    if isinstance(node, _Any):
        fitting = _characters(node.source, flags)
        return fitting[variant % len(fitting)] if fitting else ""
    if isinstance(node, _Group):
        return "".join(_text(each, variant, flags) for each in node.choices[variant % len(node.choices)])
    times = max(node.least, 1) + _TIMES[variant % len(_TIMES)]
    times = times if node.most is None else min(times, node.most)
    return "".join(_text(node.node, variant + n, flags) for n in range(times))


@lru_cache(maxsize=256)
def _characters(source: str, flags: int) -> str:
    try:
        matches = re.compile(source, flags).fullmatch
    except re.error:
        return ""
    return "".join(each for each in _CHARACTERS if matches(each))
