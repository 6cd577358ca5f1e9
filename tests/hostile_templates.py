"""Documents that want to do harm to what reads them in Python: `chanspec export --template` and `chanspec conform`.

Each function returns one document, as text of YAML or JSON or as data; its docstring says in one sentence what it is
made to do. ``size`` is how bad it gets. No tests here.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["TEXTS"]

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
