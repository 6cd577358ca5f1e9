"""Names of the types in code that is generated from a document: their titles.

Generators write types in PascalCase, so titles that differ in case or in separators alone would be one type. They also
spell out what cannot stand in an identifier (``Page[Ride]`` becomes ``PageSquareleftRideSquareright``), and some of
TypeScript's own names would mean another type in the very file that uses them (``Map``).
"""

from __future__ import annotations

import json
import re
from typing import Any

from chanspec.asyncapi.names import Names, pascal
from chanspec.schemas import JsonSchema
from chanspec.schemas.keywords import map_refs

_GLOBAL = """
    AggregateError Array ArrayBuffer ArrayLike AsyncGenerator AsyncIterable AsyncIterator Atomics Awaited BigInt
    BigInt64Array BigUint64Array Boolean Capitalize ConstructorParameters DataView Date Error EvalError Exclude Extract
    FinalizationRegistry Float32Array Float64Array Function Generator GeneratorFunction Infinity InstanceType Int16Array
    Int32Array Int8Array Intl Iterable IterableIterator Iterator JSON Lowercase Map Math NaN NoInfer NonNullable Number
    Object Omit OmitThisParameter Parameters Partial Pick Promise PromiseLike PropertyKey Proxy RangeError Readonly
    ReadonlyArray ReadonlyMap ReadonlySet Record ReferenceError Reflect RegExp Required ReturnType Set SharedArrayBuffer
    String Symbol SyntaxError ThisParameterType ThisType TypeError URIError Uint16Array Uint32Array Uint8Array
    Uint8ClampedArray Uncapitalize Uppercase WeakMap WeakRef WeakSet globalThis undefined
"""
"""What TypeScript's library declares everywhere. What only browsers have (``Event``) no generated code uses."""
_RESERVED = """
    any arguments as async await boolean break case catch class const constructor continue debugger declare default
    delete do else enum export extends false finally for from function get if implements import in instanceof interface
    let module never new null number object of package private protected public require return set static string super
    switch symbol this throw true try type typeof unknown var void while with yield
"""
_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_ ]*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.\[\], -]*")


def type_name(name: str, default: str = "Type") -> str:
    """``"Page[Ride]"`` → ``"PageRide"``; a name that generators leave alone stays as it is.

    Args:
        name: Any text.
        default: Goes before a name that begins with a digit, and for one without Latin letters.
    """
    if re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name):
        return name
    made = pascal(name, default)
    return default + made if made[0].isdigit() else made


class TypeNames(Names):
    """A set of names of types, no two of which are one in PascalCase, and none of which TypeScript has already."""

    def __init__(self) -> None:
        super().__init__()
        self._taken |= _OWN
        self._types: dict[str, str] = {}

    def is_own(self, name: str) -> bool:
        """Whether a name is one of TypeScript's own."""
        return self._key(name) in _OWN

    def claim_title(self, title: Any, schema: JsonSchema) -> bool:
        """Take the title that somebody wrote for a type; False where another type has it, or it makes no name."""
        if not isinstance(title, str) or not _IDENTIFIER.fullmatch(title):
            return False
        key, told = self._key(title), _fingerprint(schema)
        if self.claim(title):
            self._types[key] = told
        return self._types.get(key) == told

    def _key(self, name: str) -> str:
        return _folded(name)


def retitled(schema: JsonSchema, title: str) -> JsonSchema:
    """A schema under another title; what its own told a reader becomes its description, where it has none."""
    told = schema.get("title")
    rest = {key: value for key, value in schema.items() if key != "title"}
    if isinstance(told, str) and (" " in told or not _PLAIN_NAME.fullmatch(told)):
        rest.setdefault("description", told)
    return {"title": title, **rest}


def _folded(name: str) -> str:
    """What a name has in common with those that are the same in PascalCase."""
    return re.sub(r"[^A-Za-z0-9]", "", name).casefold() or name


_OWN = frozenset(map(_folded, f"{_GLOBAL} {_RESERVED}".split()))


def _fingerprint(schema: JsonSchema) -> str:
    """What a type says; wherever its references lead, they lead to types of their own."""
    return json.dumps(map_refs(schema, lambda ref: ""), sort_keys=True, default=str)
