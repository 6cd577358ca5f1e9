"""From a valid message to what a client sends that wants to do harm. Seeded by :class:`random.Random`, and quick.

:mod:`chanspec.conformance` makes the valid messages, and those with one mistake that no server may take. What is here
goes further: values no schema has, keys said twice or escaped, numbers that are none, text that is no JSON.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from chanspec.conformance.sites import Path, at

Frame = str | bytes

RAW = [
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1e999",
    "-0",
    "1E-999",
    "00",
    "1.",
    ".5",
    "+1",
    "0x1",
    "1_0",
    "9" * 5000,
]
RAW += ["1" + "0" * 400, '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"\\ud83d\\ude00"', '"\\x"', "undefined", "'a'"]
"""Tokens to stand for a value: what JSON has a word for and Python or pydantic has not, and the reverse."""

ATOMS: list[Any] = [
    *(None, True, False, 0, -1, 1, 0.5, -0.0, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**30, 1e308, 5e-324),
    *(
        "",
        " ",
        "0",
        "-1",
        "1e999",
        "NaN",
        "Infinity",
        "null",
        "true",
        "a\nb",
        "\x00",
        "\x1b[2J",
        "\u2028",
        "\ufeff",
        "\u202e",
    ),
    *(
        "é😀",
        "\ud800",
        "__class__",
        "chanspec.broadcast",
        "x" * 300,
        "x" * 20_000,
        "é" * 2_000,
        "9" * 5_000,
        "{}",
        "[" * 100,
    ),
    *(
        "1970-01-01",
        "9999-12-31T23:59:59Z",
        "0000-00-00",
        "P1Y",
        "P99999999999D",
        "127.0.0.1",
        "http://[::1",
        "AAA=",
        "%",
    ),
    *([], {}, [[]], [{}], [None], {"": None}, {"__proto__": {}}, {"a": {"a": {}}}, [[]] * 30, [{}] * 300, [0] * 300),
    {"type": "chat.message", "group": "room", "sender": "x", "number": 1, "once": "x", "token": "x", "exclude": "x"},
]

MARK = "@@{}@@"
DEEPEST = 200


def mangled(random: Random, value: Any) -> tuple[Any, dict[str, str]]:
    """A copy of a message with one to three places changed, and raw tokens to put in place of marks in its text."""
    value, raw = copy.deepcopy(value), dict[str, str]()
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        paths = list(_paths(value))
        path = random.choice(paths)
        old = at(value, path)
        match random.randrange(11):
            case 0 | 1 | 2:
                new = _atom(random)
            case 3:
                new = MARK.format(len(raw))
                raw[new] = random.choice(RAW)
            case 4:
                new = copy.deepcopy(at(value, random.choice(paths)))
            case 5:
                new = [old] * random.choice((1, 2, 50, 1000 if len(str(old)[:100]) < 100 else 2))
            case 6:
                new = old
                for _ in range(random.choice((1, 2, 63, 64, DEEPEST))):
                    new = [new] if random.random() < 0.5 else {"a": new}
            case 7 if path:
                _removed(value, path)
                continue
            case 8 if isinstance(old, dict):
                extra = random.choice(
                    ("extra", "payload", "action", "type", "handler", "", "__class__", "é", "\ud800", "x" * 500)
                )
                new = {**old, extra: _atom(random)}
            case 9 if isinstance(old, dict) and old:
                key = random.choice(list(old))
                changed = random.choice((key.upper(), f"{key} ", key[:-1], f"{key}\x00", _camel(key), f"_{key}"))
                new = {changed if each == key else each: item for each, item in old.items()}
            case 10 if isinstance(old, int | float | str) and not isinstance(old, bool):
                new = random.choice((str(old), [old], {"value": old}, old * 2, bool(old)))
            case _:
                new = _atom(random)
        value = _put(value, path, new)
        if not isinstance(value, dict | list):
            break
    return value, raw


def _atom(random: Random) -> Any:
    return copy.deepcopy(random.choice(ATOMS))  # what is put into a message may be changed there


def written(value: Any, raw: dict[str, str] | None = None) -> str:
    """A value as text, with its raw tokens."""
    text = json.dumps(value)
    for mark, token in (raw or {}).items():
        text = text.replace(json.dumps(mark), token)
    return text


def garbled(random: Random, text: str) -> Frame:
    """A text with the change of one character or more, as JSON or not."""
    return random.choice(_GARBLERS)(random, text)


def _cut(random: Random, text: str) -> Frame:
    return text[: random.randrange(len(text) + 1)]


def _gap(random: Random, text: str) -> Frame:
    start = random.randrange(len(text) + 1)
    return text[:start] + text[start + random.choice((1, 2, 10)) :]


def _insert(random: Random, text: str) -> Frame:
    start = random.randrange(len(text) + 1)
    return (
        text[:start]
        + random.choice(('"', "\\", "{", "}", "[", "]", ",", ":", "\x00", "\n", "\ufeff", "é", "//", "[" * 300))
        + text[start:]
    )


def _around(random: Random, text: str) -> Frame:
    before, after = random.choice(
        (("\ufeff", ""), ("", text), ("[", "]"), (" " * 1000, "\t\r\n"), ("", "\x00"), ("", "]"), ('"', '"'))
    )
    return before + text + after


def _twice(random: Random, text: str) -> Frame:
    """A key said again, before or behind, with the same value or another: which one counts?"""
    keys = [key for key, _ in json.loads(text, object_pairs_hook=list)] if text[:1] == "{" and _is_object(text) else []
    again = (
        f"{json.dumps(random.choice(keys or ['action']))}: {random.choice((*RAW[:6], *map(json.dumps, ATOMS[:20])))}"
    )
    return text.replace("{", f"{{{again}, ", 1) if random.random() < 0.5 else f"{text[:-1]}, {again}}}"


def _escaped(random: Random, text: str) -> Frame:
    """Letters as escapes, in keys and in values: the same message."""
    return "".join(
        f"\\u{ord(each):04x}" if each.isascii() and each.isalpha() and random.random() < 0.3 else each for each in text
    )


def _deep(random: Random, text: str) -> Frame:
    opening = random.choice(("[", '{"a":', '[{"a":', "[[],"))
    closing = {"[": "]", '{"a":': "}", '[{"a":': "}]", "[[],": "]"}[opening]
    depth = random.choice((30, 64, 65, 129, 900, 3000))
    inner = opening * depth + "0" + (closing * depth if random.random() < 0.5 else "")
    return random.choice((inner, text.replace(": ", f": {inner}, ", 1), f'{text[:-1]}, "x": {inner}}}'))


def _binary(random: Random, text: str) -> Frame:
    return random.choice(
        (
            text.encode("utf-8", "replace"),
            b"",
            random.randbytes(random.randrange(200)),
            b"\xff\xfe" + text.encode("utf-16-le", "replace"),
        )
    )


def _noise(random: Random, text: str) -> Frame:
    alphabet = random.choice(
        ('{}[]":,0aétrunfls\\ ', "".join(map(chr, range(32, 127))), "\x00\x1f\x7f\x85\u2028\uffff😀")
    )
    return "".join(random.choices(alphabet, k=random.choice((0, 1, 5, 100, 2000))))


_GARBLERS: list[Callable[[Random, str], Frame]] = [
    *(_cut, _gap, _insert, _insert, _around, _twice, _twice, _escaped, _deep, _binary, _noise)
]


def shrink_steps(text: str) -> Iterator[str]:
    """Shorter texts, the much shorter ones first."""
    size = len(text) // 2
    while size:
        for start in range(0, len(text), size):
            yield text[:start] + text[start + size :]
        size //= 2


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _paths(value: Any) -> Iterator[Path]:
    waiting: list[tuple[Path, Any]] = [((), value)]
    while waiting:
        path, each = waiting.pop()
        yield path
        if len(path) < 8:
            inner = each.items() if isinstance(each, dict) else enumerate(each[:5]) if isinstance(each, list) else ()
            waiting += [((*path, key), item) for key, item in inner]


def _removed(value: Any, path: Path) -> None:
    del at(value, path[:-1])[path[-1]]


def _put(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    at(value, path[:-1])[path[-1]] = new
    return value


def _camel(key: str) -> str:
    head, *rest = key.split("_")
    return head + "".join(each.title() for each in rest)
