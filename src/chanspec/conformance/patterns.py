"""Text that matches a pattern of ECMA-262, made by reading the pattern: no regular expression is ever run for it.

Python's `re` backtracks without end on patterns that anybody can write (`(a+)+$`), and no clock interrupts it. What is
made here is a good guess: what stands around a place (`^`, `\\b`, `(?=…)`) is left out of account, and the
validator, whose engine is linear or stopped, has the last word.
"""

from __future__ import annotations

from typing import TypeAlias

from hypothesis import strategies as st

__all__ = ["UnreadablePatternError", "matching"]

Strategy: TypeAlias = st.SearchStrategy[str]

LONGEST = 2000  # characters of a pattern
DEEPEST = 30  # groups in groups
MORE = 3  # repetitions beyond the least
LARGEST_TEXT = 20_000

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_WORD = f"{_LOWER}{_LOWER.upper()}{_DIGITS}_"
_ASCII = "".join(map(chr, range(33, 127)))
_SETS = {"d": _DIGITS, "w": _WORD, "s": " ", "D": "", "W": "", "S": ""}
_NEGATED = {"D": _DIGITS, "W": _WORD, "S": " \t\n\r\v\f"}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "v": "\v", "f": "\f", "0": "\0"}
_QUANTIFIERS = {"*": (0, None), "+": (1, None), "?": (0, 1)}


class UnreadablePatternError(ValueError):
    """The pattern has something that is not read here."""


def matching(pattern: str, anything: st.SearchStrategy[str], letters: st.SearchStrategy[str]) -> Strategy:
    """Text with a match of a pattern.

    Args:
        pattern: The pattern (ECMA-262, with the `u` flag).
        anything: What may stand before and behind a match that is not anchored.
        letters: What `.` and what is not in a set may stand for.

    Raises:
        UnreadablePatternError: It is not read here, or is too large.
    """
    if len(pattern) > LONGEST:
        raise UnreadablePatternError(f"longer than {LONGEST} characters")
    reader = _Reader(pattern, letters)
    made, least = reader.alternatives(0)
    if reader.at < len(pattern):
        raise UnreadablePatternError("an unbalanced parenthesis")
    if least > LARGEST_TEXT:
        raise UnreadablePatternError(f"no text below {LARGEST_TEXT} characters")
    before = st.just("") if pattern.startswith("^") else anything
    behind = st.just("") if pattern.endswith("$") and not pattern.endswith("\\$") else anything
    # What is not anchored is mostly tried as it is, and sometimes inside of other text.
    return made | st.tuples(before, made, behind).map("".join)


class _Reader:
    """Reads a pattern into strategies, each with the length of its shortest text."""

    def __init__(self, pattern: str, letters: st.SearchStrategy[str]) -> None:
        self.pattern = pattern
        self.letters = letters
        self.at = 0

    def peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.at)

    def take(self) -> str:
        if self.at >= len(self.pattern):
            raise UnreadablePatternError("it ends too early")
        self.at += 1
        return self.pattern[self.at - 1]

    def until(self, end: str) -> str:
        found = self.pattern.find(end, self.at)
        if found < 0:
            raise UnreadablePatternError(f"no {end!r}")
        text, self.at = self.pattern[self.at : found], found + 1
        return text

    def alternatives(self, depth: int) -> tuple[Strategy, int]:
        if depth > DEEPEST:
            raise UnreadablePatternError(f"more than {DEEPEST} groups in each other")
        found = [self.sequence(depth)]
        while self.peek("|"):
            self.at += 1
            found.append(self.sequence(depth))
        fitting = [each for each in found if each[1] <= LARGEST_TEXT] or found[:1]
        return st.one_of([made for made, _ in fitting]), min(least for _, least in fitting)

    def sequence(self, depth: int) -> tuple[Strategy, int]:
        parts: list[Strategy] = []
        total = 0
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            made, least = self.atom(depth)
            made, least = self.quantified(made, least)
            parts.append(made)
            total += least
        return (parts[0] if len(parts) == 1 else st.tuples(*parts).map("".join)), total

    def quantified(self, made: Strategy, least: int) -> tuple[Strategy, int]:
        if self.at >= len(self.pattern):
            return made, least
        sign = self.pattern[self.at]
        if sign in _QUANTIFIERS:
            self.at += 1
            low, high = _QUANTIFIERS[sign]
        elif sign == "{":
            self.at += 1
            low, high = _counts(self.until("}"))
        else:
            return made, least
        if self.peek("?"):  # lazy, which makes no difference to what matches
            self.at += 1
        if low * max(1, least) > LARGEST_TEXT:
            return st.nothing(), LARGEST_TEXT + 1
        most = low + MORE if high is None else min(high, low + MORE)
        if low > 2 * MORE:  # a few, over and over
            return st.lists(made, min_size=1, max_size=MORE).map(lambda some: _repeated(some, low)), low * least
        return st.lists(made, min_size=low, max_size=most).map("".join), low * least

    def atom(self, depth: int) -> tuple[Strategy, int]:
        letter = self.take()
        match letter:
            case "^" | "$":
                return st.just(""), 0
            case ".":
                return self.letters, 1
            case "(":
                return self.group(depth)
            case "[":
                return self.one_of_set(), 1
            case "\\":
                return self.escaped()
            case "*" | "+" | "?" | "{":
                raise UnreadablePatternError("nothing to repeat")
            case _:
                return st.just(letter), 1

    def group(self, depth: int) -> tuple[Strategy, int]:
        around = ""
        if self.peek("?"):
            self.at += 1
            around = self.take()
            if around == "<":
                if self.peek("=") or self.peek("!"):
                    around += self.take()
                else:
                    self.until(">")  # its name
            elif around not in ":=!":
                raise UnreadablePatternError("a group of an unknown sort")
        found = self.alternatives(depth + 1)
        if not self.peek(")"):
            raise UnreadablePatternError("an unbalanced parenthesis")
        self.at += 1
        if around in ("=", "!", "<=", "<!"):
            return st.just(""), 0
        return found

    def escaped(self) -> tuple[Strategy, int]:
        letter = self.take()
        if letter in "bB":
            return st.just(""), 0
        if letter in "123456789k":
            raise UnreadablePatternError("a reference to a group")
        allowed, excluded = self.escape(letter)
        return (st.sampled_from(allowed) if allowed else self._but(excluded)), 1

    def escape(self, letter: str) -> tuple[str, str]:
        """What an escape allows, or what it does not."""
        if letter in _SETS:
            return _SETS[letter], _NEGATED.get(letter, "")
        if letter in _CONTROLS:
            return _CONTROLS[letter], ""
        if letter in "pP":
            if not self.peek("{"):
                raise UnreadablePatternError("a property without its name")
            self.at += 1
            named = _property(self.until("}"))
            return (named, "") if letter == "p" else ("", named)
        if letter == "c":
            return chr(ord(self.take()) % 32), ""
        if letter in "xu":
            return self.code(letter), ""
        return letter, ""

    def code(self, letter: str) -> str:
        if letter == "u" and self.peek("{"):
            self.at += 1
            digits = self.until("}")
        else:
            digits = "".join(self.take() for _ in range(2 if letter == "x" else 4))
        try:
            return chr(int(digits, 16))
        except (ValueError, OverflowError):
            raise UnreadablePatternError("no character of this number") from None

    def one_of_set(self) -> Strategy:
        is_negated = self.peek("^")
        self.at += is_negated
        allowed, excluded = "", ""
        while not self.peek("]"):
            first = self.member()
            if self.peek("-") and not self.pattern.startswith("-]", self.at) and len(first[0]) == 1:
                self.at += 1
                last = self.member()
                if len(last[0]) != 1 or ord(last[0]) < ord(first[0]):
                    raise UnreadablePatternError("a range without an end")
                first = _range(first[0], last[0]), ""
            allowed, excluded = allowed + first[0], excluded + first[1]
        self.at += 1
        if is_negated:
            return self._but(allowed) if allowed else st.sampled_from(excluded or _ASCII)
        choices = [st.sampled_from(allowed)] if allowed else []
        choices += [self._but(excluded)] if excluded else []
        return st.one_of(choices) if choices else st.nothing()

    def member(self) -> tuple[str, str]:
        letter = self.take()
        if letter != "\\":
            return letter, ""
        letter = self.take()
        return ("\b", "") if letter == "b" else self.escape(letter)

    def _but(self, excluded: str) -> Strategy:
        some = [each for each in _ASCII if each not in excluded]
        others = self.letters.filter(lambda letter: letter not in excluded)
        return st.sampled_from(some) | others if some else others


def _repeated(some: list[str], count: int) -> str:
    if count * max(map(len, some)) > LARGEST_TEXT:
        return "".join(some)  # too little, which the validator sees; the whole could be of any length
    return "".join(some[index % len(some)] for index in range(count))


def _range(first: str, last: str) -> str:
    """A range's characters; of a long one the first and the last ones."""
    low, high = ord(first), ord(last)
    codes = range(low, high + 1) if high - low < 300 else (*range(low, low + 100), *range(high - 100, high + 1))
    return "".join(chr(code) for code in codes if not 0xD800 <= code <= 0xDFFF)


def _property(name: str) -> str:
    kind = name.rpartition("=")[2]
    if kind in ("N", "Nd", "Number", "Decimal_Number"):
        return _DIGITS + "٣"
    if kind in ("Lu", "Uppercase_Letter", "Uppercase"):
        return _LOWER.upper() + "Ä"
    if kind in ("Ll", "Lowercase_Letter", "Lowercase"):
        return _LOWER + "ä"
    if kind in ("L", "Letter", "Alphabetic"):
        return _LOWER + _LOWER.upper() + "äЖ中"
    if kind in ("P", "Punctuation", "S", "Symbol"):
        return ".,!?" if kind[0] == "P" else "+<=>"
    if kind in ("Z", "Zs", "Separator"):
        return " "
    raise UnreadablePatternError("a property that is not known here")


def _counts(text: str) -> tuple[int, int | None]:
    low, comma, high = text.partition(",")
    if not (low.isascii() and low.isdigit()) or (high and not (high.isascii() and high.isdigit())) or len(text) > 20:
        raise UnreadablePatternError("a brace that counts nothing")
    return int(low), (int(high) if high else None) if comma else int(low)
