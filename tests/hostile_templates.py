"""Documents that want to do harm to what reads them in Python: `chanspec export --template` and `chanspec conform`.

Each function returns one document, as text of YAML or JSON or as data; its docstring says in one sentence what it is
made to do. ``size`` is how bad it gets. No tests here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["PAYLOADS", "TEXTS", "document_with"]

HEAD = "asyncapi: 3.0.0\n"


# Texts


def chain_of_messages(size: int = 800) -> str:
    """Each message refers to the next one, so that following each to its end is quadratic at least."""
    lines = [f"    M{index}:\n      $ref: '#/components/messages/M{index + 1}'\n" for index in range(size)]
    return f"{HEAD}components:\n  messages:\n{''.join(lines)}    M{size}:\n      payload: {{type: object}}\n"


def chain_of_schemas(size: int = 800) -> str:
    """Each message's payload is at the end of a chain of references through `components.schemas`."""
    messages = "".join(
        f"    M{index}:\n      payload: {{$ref: '#/components/schemas/S{index}'}}\n" for index in range(size)
    )
    schemas = "".join(f"    S{index}: {{$ref: '#/components/schemas/S{index + 1}'}}\n" for index in range(size))
    return f"{HEAD}components:\n  messages:\n{messages}  schemas:\n{schemas}    S{size}: {{type: object}}\n"


def brackets(size: int = 20_000) -> str:
    """Brackets that are never closed, each of which may still become a key."""
    return f"{HEAD}x: {'[' * size}\n"


def dashes(size: int = 20_000) -> str:
    """A list in a list in a list, on one line."""
    return f"{HEAD}x:\n  {'- ' * size}a\n"


def json_brackets(size: int = 100_000) -> str:
    """JSON that is nested deeper than any stack."""
    return f'{{"asyncapi": "3.0.0", "x": {"[" * size}{"]" * size}}}'


def laughs(size: int = 9) -> str:
    """Aliases of aliases, which are a billion values once they are written out."""
    lists = "".join(
        f"{chr(98 + index)}: &{chr(98 + index)} [{', '.join([f'*{chr(97 + index)}'] * 9)}]\n" for index in range(size)
    )
    return f"{HEAD}a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n{lists}"


def merges(size: int = 4_000) -> str:
    """A large mapping that is merged into as many others with `<<`."""
    keys = ", ".join(f"k{index}: 1" for index in range(size))
    return f"{HEAD}a: &a {{{keys}}}\nb: [{', '.join(['{<<: *a}'] * size)}]\n"


def merges_of_one(size: int = 4_000) -> str:
    """A large mapping that is merged into one other many times, which adds nothing but work."""
    keys = ", ".join(f"k{index}: 1" for index in range(size))
    return f"{HEAD}a: &a {{{keys}}}\nb: {{<<: [{', '.join(['*a'] * size)}]}}\n"


def itself() -> str:
    """An alias of what it is in."""
    return f"{HEAD}a: &a [*a]\n"


def tokens(size: int = 300_000) -> str:
    """So many small values that a reader in Python takes minutes."""
    return f"{HEAD}a: [{'1,' * size}]\n"


def text_of_many_characters(size: int = 11_000_000) -> str:
    """One text that is larger than any document is."""
    return f"{HEAD}a: {'x' * size}\n"


def digits(size: int = 100_000) -> str:
    """A number that takes quadratic time to read."""
    return f"{HEAD}a: {'9' * size}\n"


def not_a_number() -> str:
    """JSON with a number that JSON does not have."""
    return '{"asyncapi": "3.0.0", "x": NaN}'


def key_twice() -> str:
    """JSON of which readers see different values."""
    return '{"asyncapi": "3.0.0",\n "x": 1, "x": 2}'


def object_of_python() -> str:
    """A tag that makes a careless reader run a command."""
    return f"{HEAD}a: !!python/object/apply:os.system ['true']\n"


TEXTS: dict[str, tuple[Callable[[], str], str | None]] = {
    "chain_of_messages": (chain_of_messages, None),
    "chain_of_schemas": (chain_of_schemas, None),
    "brackets": (brackets, "nested more than 100 levels deep"),
    "dashes": (dashes, "nested more than 100 levels deep"),
    "json_brackets": (json_brackets, "nested more than 100 levels deep"),
    "laughs": (laughs, "more than 10,000,000 characters once its aliases are written out"),
    "merges": (merges, "more than 10,000,000 characters once its aliases are written out"),
    "merges_of_one": (merges_of_one, "more than 10,000,000 characters once its aliases are written out"),
    "itself": (itself, "an alias makes this contain itself"),
    "tokens": (tokens, "more than 250,000 tokens of YAML"),
    "text_of_many_characters": (text_of_many_characters, "more than 10,000,000 characters"),
    "digits": (digits, "a number of too many digits"),
    "not_a_number": (not_a_number, None),
    "key_twice": (key_twice, "the key 'x' is here a second time"),
    "object_of_python": (object_of_python, "names no JSON type"),
}
"""Each text, and what is said of it; None for what is read."""


# Payloads, for `chanspec conform`: each of them alone in a document


def ref(name: str) -> dict[str, str]:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def document_with(payload: Any, **schemas: Any) -> dict[str, Any]:
    """A document with `ping`, which is harmless, and `go`, whose field `p` has a payload; both are answered."""

    def message(name: str, properties: dict[str, Any]) -> dict[str, Any]:
        fields = {"action": {"const": name}, **properties}
        return {"payload": {"type": "object", "properties": fields, "required": list(fields)}}

    messages = {"Ping": message("ping", {}), "Go": message("go", {"p": payload}), "Pong": message("pong", {})}

    def operation(action: str, name: str) -> dict[str, Any]:
        return {
            "action": action,
            "channel": {"$ref": "#/channels/c"},
            "messages": [{"$ref": f"#/channels/c/messages/{name}"}],
        }

    return {
        "asyncapi": "3.0.0",
        "info": {"title": "hostile", "version": "1"},
        "channels": {"c": {"address": "/", "messages": messages}},
        "operations": {
            "ping": operation("receive", "Ping"),
            "go": operation("receive", "Go"),
            "pong": operation("send", "Pong"),
        },
        "components": {"schemas": schemas},
    }


def nested_min_items(levels: int = 9) -> dict[str, Any]:
    """Lists of ten lists of ten lists: a billion values from a few lines."""
    schema: Any = {"type": "integer"}
    for _ in range(levels):
        schema = {"type": "array", "minItems": 10, "items": schema}
    return document_with(schema)


def nested_optional_min_items(levels: int = 5) -> dict[str, Any]:
    """The same in a property that nobody needs: the message without it is small."""
    schema: Any = {"type": "integer"}
    for _ in range(levels):
        schema = {"type": "array", "minItems": 100, "items": schema}
    return document_with({"type": "object", "properties": {"x": schema}})


def min_length(size: int = 10**9) -> dict[str, Any]:
    """Text of a gigabyte at least."""
    return document_with({"type": "string", "minLength": size})


def min_properties(size: int = 10**8) -> dict[str, Any]:
    """An object of a hundred million properties at least."""
    return document_with({"type": "object", "minProperties": size})


def required_references(width: int = 8, levels: int = 12) -> dict[str, Any]:
    """Eight required references over twelve levels: 69 billion values, and each schema is small."""
    names = [f"f{index}" for index in range(width)]
    schemas: dict[str, Any] = {
        f"L{level}": {
            "type": "object",
            "properties": dict.fromkeys(names, ref(f"L{level + 1}")),
            "required": names,
        }
        for level in range(levels)
    }
    return document_with(ref("L0"), **schemas, **{f"L{levels}": {"type": "integer"}})


def optional_references(width: int = 8, levels: int = 12) -> dict[str, Any]:
    """The same, but none of it required: only the message that has everything is large."""
    names = [f"f{index}" for index in range(width)]
    schemas: dict[str, Any] = {
        f"L{level}": {"type": "object", "properties": dict.fromkeys(names, ref(f"L{level + 1}"))}
        for level in range(levels)
    }
    return document_with(ref("L0"), **schemas, **{f"L{levels}": {"type": "integer"}})


def requires_itself() -> dict[str, Any]:
    """A type that is required in itself has no value of any size."""
    return document_with(ref("L"), L={"type": "object", "properties": {"next": ref("L")}, "required": ["next"]})


def many_alternatives(parts: int = 12, each: int = 30) -> dict[str, Any]:
    """All of twelve choices of thirty that exclude each other: no combination of 30 to the power of twelve is good."""
    choices = [{"anyOf": [{"enum": [f"{part}-{index}"]} for index in range(each)]} for part in range(parts)]
    return document_with({"allOf": choices})


def doubling_all_of(levels: int = 40) -> dict[str, Any]:
    """Each schema wants the next one twice: a trillion schemas are applied to one number."""
    schemas = {f"D{level}": {"allOf": [ref(f"D{level + 1}")] * 2} for level in range(levels)}
    return document_with(ref("D0"), **schemas, **{f"D{levels}": {"type": "integer"}})


def branching_recursion(branches: int = 20) -> dict[str, Any]:
    """A tree whose every level is judged by twenty schemas, each of which judges the next level."""
    branch = {"type": "object", "properties": {"a": ref("T")}}
    return document_with(ref("T"), T={"oneOf": [{**branch, "minProperties": index} for index in range(branches)]})


def chain_of_references(size: int = 5_000) -> dict[str, Any]:
    """References to references, deeper than a stack."""
    schemas: dict[str, Any] = {f"S{index}": ref(f"S{index + 1}") for index in range(size)}
    return document_with(ref("S0"), **schemas, **{f"S{size}": {"type": "integer"}})


def chain_of_objects(size: int = 2_000) -> dict[str, Any]:
    """Objects that each require the next one, deeper than a stack and than any message."""
    schemas: dict[str, Any] = {
        f"S{index}": {"type": "object", "properties": {"n": ref(f"S{index + 1}")}, "required": ["n"]}
        for index in range(size)
    }
    return document_with(ref("S0"), **schemas, **{f"S{size}": {"type": "integer"}})


def chain_of_all_of(size: int = 2_000) -> dict[str, Any]:
    """`allOf` of a reference to `allOf` of a reference, deeper than a stack."""
    schemas: dict[str, Any] = {f"S{index}": {"allOf": [ref(f"S{index + 1}")]} for index in range(size)}
    return document_with(ref("S0"), **schemas, **{f"S{size}": {"type": "integer"}})


def circle_of_references() -> dict[str, Any]:
    """A reference to a reference to the first one."""
    return document_with(ref("A"), A=ref("B"), B=ref("A"))


def backtracking_pattern() -> dict[str, Any]:
    """A pattern on which Python's `re` works for years."""
    return document_with({"type": "string", "pattern": r"^(a?){40}a{40}(?!b)$"})


def nothing_matches() -> dict[str, Any]:
    """A pattern that looks as if it had a match, and backtracks to find that it has none."""
    return document_with({"type": "string", "pattern": r"^((a+)+)+(?=b)$"})


def large_pattern(size: int = 30_000) -> dict[str, Any]:
    """A pattern that is larger than any automaton may be."""
    return document_with({"type": "string", "pattern": f"^(a{{{size}}}){{{size}}}$"})


def tiny_multiple() -> dict[str, Any]:
    """Multiples of a step that no float divides by."""
    return document_with({"type": "number", "multipleOf": 1e-308, "minimum": 0.5, "maximum": 1e300})


def huge_bounds() -> dict[str, Any]:
    """Integers beyond any float."""
    return document_with({"type": "number", "minimum": 10**400, "maximum": 10**401})


def large_enum(size: int = 100_000) -> dict[str, Any]:
    """A hundred thousand allowed values for each item of a list."""
    return document_with({"type": "array", "minItems": 3000, "items": {"enum": list(range(size))}})


def unique_of_few(size: int = 1000) -> dict[str, Any]:
    """A thousand different values of two."""
    return document_with({"type": "array", "minItems": size, "uniqueItems": True, "items": {"type": "boolean"}})


def required_names(size: int = 100_000) -> dict[str, Any]:
    """A hundred thousand required properties."""
    return document_with({"type": "object", "required": [f"name-{index}" for index in range(size)]})


PAYLOADS: dict[str, tuple[Callable[[], dict[str, Any]], str | None]] = {
    "nested_min_items": (nested_min_items, "its smallest valid message has more than 200,000 characters"),
    "nested_optional_min_items": (nested_optional_min_items, None),
    "min_length": (min_length, "its smallest valid message has more than 200,000 characters"),
    "min_properties": (min_properties, "its smallest valid message has more than 200,000 characters"),
    "required_references": (required_references, "its smallest valid message has more than 200,000 characters"),
    "optional_references": (optional_references, None),
    "requires_itself": (requires_itself, "it has no valid message"),
    "many_alternatives": (many_alternatives, "takes more than 1,000,000 steps"),
    "doubling_all_of": (doubling_all_of, "applies schemas more than 3,000,000 times"),
    "branching_recursion": (branching_recursion, "takes more than 1,000,000 steps"),
    "chain_of_references": (chain_of_references, None),
    "chain_of_objects": (chain_of_objects, "nested more than 60 levels deep"),
    "chain_of_all_of": (chain_of_all_of, "lead through too many others"),
    "circle_of_references": (circle_of_references, "it has no valid message"),
    "backtracking_pattern": (backtracking_pattern, None),
    "nothing_matches": (nothing_matches, "no valid message could be made up"),
    "large_pattern": (large_pattern, "not a JSON Schema of Draft 7"),
    "tiny_multiple": (tiny_multiple, None),
    "huge_bounds": (huge_bounds, None),
    "large_enum": (large_enum, "applies schemas more than 3,000,000 times"),
    "unique_of_few": (unique_of_few, "no valid message could be made up"),
    "required_names": (required_names, "its smallest valid message has more than 200,000 characters"),
}
"""Each document, and why its message `go` is not tried; None where it is."""
