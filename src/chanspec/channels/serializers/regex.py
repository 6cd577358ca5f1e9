"""Python regular expressions → ECMA-262 ones that mean the same, with or without ECMA's ``u`` flag.

What has no counterpart (flags, atomic groups, ``\\w`` over all of Unicode) gives None, never a pattern that
nearly fits.
"""

from __future__ import annotations

import re

__all__ = ["to_ecma"]

_SYNTAX = frozenset("^$\\.*+?()[]{}|/")
_CONTROLS = {"a": r"\x07", "f": r"\f", "n": r"\n", "r": r"\r", "t": r"\t", "v": r"\v"}
_HEX = {"x": 2, "u": 4, "U": 8}
_GROUPS = ("?:", "?=", "?!", "?<=", "?<!")
_QUANTIFIER = re.compile(r"\{(\d*)(,?)(\d*)\}")


class _NotPortable(Exception):  # noqa: N818 - an answer, not an error
    pass


def to_ecma(pattern: re.Pattern[str]) -> str | None:
    """Return a pattern for JSON Schema's ``pattern`` keyword, or None where there is none.

    A ``$`` that Python also lets match before a final line feed matches only at the end.
    """
    if not isinstance(pattern.pattern, str) or pattern.flags & (re.I | re.M | re.X):
        return None
    try:
        return _Translator(pattern).run()
    except _NotPortable:
        return None


class _Translator:
    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.text = pattern.pattern
        self.at = 0
        self.is_ascii = bool(pattern.flags & re.A)
        self.dot = r"[\s\S]" if pattern.flags & re.S else "."

    def run(self) -> str:
        out = []
        while self.at < len(self.text):
            out.append(self.token())
        return "".join(out)

    def take(self) -> str:
        self.at += 1
        return self.text[self.at - 1]

    def token(self) -> str:
        char = self.take()
        if char == "\\":
            return self.escape()
        if char == "[":
            return self.character_class()
        if char == "(":
            return self.group()
        if char == "{":
            return self.braces()
        if char in "*+?":
            return char + self.after_quantifier()
        return {".": self.dot, "]": r"\]", "}": r"\}"}.get(char, char)

    def escape(self) -> str:
        char = self.take()
        anchors = {"A": "^", "Z": "$"}
        if char in anchors:
            return anchors[char]
        if char in "bB" and self.is_ascii:
            return "\\" + char
        if char in "123456789":
            if self.text[self.at : self.at + 1].isdigit():
                raise _NotPortable  # a group above 9, or octal
            return "\\" + char
        return self.shared_escape(char, _SYNTAX)

    def shared_escape(self, char: str, syntax: frozenset[str]) -> str:
        """An escape that means the same inside and outside of a character class."""
        if char in "dDsS" or (char in "wW" and self.is_ascii):
            return "\\" + char
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in _HEX:
            digits = self.text[self.at : self.at + _HEX[char]]
            self.at += len(digits)
            return _literal(chr(int(digits, 16)), syntax)
        if char.isalnum() and char.isascii():
            raise _NotPortable
        return _literal(char, syntax)

    def character_class(self) -> str:
        out, syntax = "[", _SYNTAX | {"-"}
        if self.text.startswith("^", self.at):
            out += self.take()
        start = self.at
        while (char := self.take()) != "]" or self.at == start + 1:
            if char == "\\":
                escaped = self.take()
                out += r"\x08" if escaped == "b" else self.shared_escape(escaped, syntax)
            else:
                out += "\\" + char if char in "[]" else char
        return out + "]"

    def group(self) -> str:
        if not self.text.startswith("?", self.at):
            return "("
        rest = self.text[self.at :]
        if named := re.match(r"\?P<([A-Za-z_]\w*)>", rest, re.A):
            self.at += named.end()
            return f"(?<{named[1]}>"
        if named := re.match(r"\?P=([A-Za-z_]\w*)\)", rest, re.A):
            self.at += named.end()
            return rf"\k<{named[1]}>"
        for start in _GROUPS:
            if rest.startswith(start):
                self.at += len(start)
                return "(" + start
        raise _NotPortable

    def braces(self) -> str:
        found = _QUANTIFIER.match(self.text, self.at - 1)
        if found is None or not (found[1] or found[3]):
            return r"\{"
        self.at = found.end()
        return f"{{{found[1] or 0}{found[2]}{found[3]}}}{self.after_quantifier()}"

    def after_quantifier(self) -> str:
        if self.text.startswith("?", self.at):
            return self.take()
        if self.text.startswith("+", self.at):
            raise _NotPortable  # possessive
        return ""


def _literal(char: str, syntax: frozenset[str]) -> str:
    if char.isprintable():
        return "\\" + char if char in syntax else char
    if ord(char) > 0xFFFF:
        return char
    return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"
