"""Frames that are no messages at all, by name: not JSON, binary, huge, nested deeply, or addressed to nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from chanspec.conformance.transport import Frame

__all__ = ["Noise", "noises"]

DEPTH = 100_000
HUGE = 2 * 1024 * 1024
DIGITS = 5_000  # Python refuses to read numbers of more than 4,300

UNSUPPORTED, INVALID_DATA, TOO_LARGE = 1003, 1007, 1009  # RFC 6455, 7.4.1
CUT_OFF = 1006  # a server that stops reading resets the connection, and its close frame is lost
_HIGHER = 3000  # added to a code by servers that let applications close with codes of their own only


@dataclass(frozen=True, slots=True)
class Noise:
    """A frame to send.

    Attributes:
        name: How commands name it.
        frame: It.
        may_close_with: The codes that the standard has for refusing it.
        needs_error: Whether it is a message after all, which must be answered with the documented error.
    """

    name: str
    frame: Frame
    may_close_with: frozenset[int] = frozenset()
    needs_error: bool = False

    def may_close(self, code: int) -> bool:
        return code in self.may_close_with or code - _HIGHER in self.may_close_with


def noises(discriminator: str) -> Iterator[Noise]:
    """The frames, for a channel whose messages are named by a field."""
    field = json.dumps(discriminator)
    data, size = frozenset({UNSUPPORTED, INVALID_DATA}), frozenset({TOO_LARGE, CUT_OFF})
    yield Noise("unknown-action", f'{{{field}: "chanspec-no-such-action"}}', needs_error=True)
    yield Noise("no-action", "{}", needs_error=True)
    for value in ("null", "0", '""', "[]", "{}"):
        yield Noise(f"action-{_NAMES[value]}", f"{{{field}: {value}}}", needs_error=True)
    for name in ("__class__", "__init__", "send_json", "disconnect", "close"):
        yield Noise(f"action-called-{name}", f"{{{field}: {json.dumps(name)}}}", needs_error=True)
    for text, name in (
        ("null", "null"),
        ("1", "number"),
        ('"text"', "string"),
        ("[]", "array"),
        ("[[{}]]", "nested-array"),
    ):
        yield Noise(f"json-{name}", text, needs_error=True)
    yield Noise("empty", "", data)
    yield Noise("not-json", "nonsense", data)
    yield Noise("half-an-object", f'{{{field}: "', data)
    yield Noise("two-objects", "{}{}", data)
    yield Noise("not-a-number", f'{{{field}: "x", "n": NaN}}', data)
    yield Noise("half-a-character", f'{{{field}: "\\ud800"}}', data)
    yield Noise("long-number", f"{{{field}: {'9' * DIGITS}}}", data | size)
    yield Noise("deep-array", "[" * DEPTH, data | size)
    yield Noise("deep-closed-array", "[" * DEPTH + "]" * DEPTH, data | size)
    yield Noise("deep-object", f"{{{field}: " * (DEPTH // 10) + "null" + "}" * (DEPTH // 10), data | size)
    yield Noise("huge", f'{{{field}: "x", "filler": "{"x" * HUGE}"}}', data | size)
    yield Noise("binary-json", f'{{{field}: "x"}}'.encode(), data)
    yield Noise("binary", bytes(range(256)), data)
    yield Noise("empty-binary", b"", data)


_NAMES = {"null": "null", "0": "number", '""': "empty", "[]": "array", "{}": "object"}
