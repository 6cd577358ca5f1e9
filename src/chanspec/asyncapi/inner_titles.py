"""Titles for the types that stand inside others.

Code is generated under titles, and generators number what has none (`AnonymousSchema_7`), so that a new message renames
the types of another. A type inside gets its owner's title and the way to it: `DispatchError` with an inline enum in the
field `code` has a `DispatchErrorCode`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chanspec.asyncapi.names import pascal
from chanspec.asyncapi.type_names import TypeNames, retitled

# Keywords whose value is one schema, with what its type is called.
SINGLE = {"additionalProperties": "Value", "items": "Item", "contains": "Item"}
# Keywords whose value is a list of schemas; parts of `allOf` are no types of their own.
MANY = {"anyOf": "Option", "oneOf": "Option", "items": "Item"}
BY_NAME = ("properties", "patternProperties")
_HOLDING = frozenset({"allOf", *SINGLE, *MANY, *BY_NAME})
"""The keywords in whose value something may need a title."""


class InnerTitles:
    """Gives titles to what has none.

    Args:
        names: The names of types that are taken.
        title_of: The title of the type that a ``$ref`` leads to.
    """

    def __init__(self, names: TypeNames, title_of: Callable[[str], str]) -> None:
        self._names = names
        self._title_of = title_of

    def inside(self, schema: Any, owner: str) -> Any:
        """Return ``schema``, which is called ``owner``, with titles in it; what needs none is not copied."""
        if not isinstance(schema, dict):
            return schema
        changed: dict[str, Any] = {}
        for keyword, value in schema.items():
            if keyword in BY_NAME and isinstance(value, dict):
                told = {name: self._part(each, owner, name) for name, each in value.items()}
                if any(told[name] is not value[name] for name in told):
                    changed[keyword] = told
            elif keyword in SINGLE and isinstance(value, dict):
                part = self._part(value, owner, SINGLE[keyword])
                if part is not value:
                    changed[keyword] = part
            elif isinstance(value, list) and keyword in ("allOf", *MANY):
                parts = self._parts(keyword, value, owner)
                if any(part is not each for part, each in zip(parts, value, strict=True)):
                    changed[keyword] = parts
        return {**schema, **changed} if changed else schema

    def _parts(self, keyword: str, schemas: list[Any], owner: str) -> list[Any]:
        if keyword == "allOf":
            return [self.inside(each, owner) for each in schemas]
        return [self._part(each, owner, f"{MANY[keyword]}{number}") for number, each in enumerate(schemas, 1)]

    def _part(self, schema: Any, owner: str, name: str) -> Any:
        if not isinstance(schema, dict) or "$ref" in schema:
            return schema
        schema, has_name = self._named(schema, owner, name)
        if _HOLDING.isdisjoint(schema):  # most
            return schema
        return self.inside(schema, pascal(schema["title"]) if has_name else owner + pascal(name))

    def _named(self, schema: dict[str, Any], owner: str, name: str) -> tuple[dict[str, Any], bool]:
        """A schema under a title that code can be generated under, and whether it is a type that needs one."""
        title, ref = schema.get("title"), _only_reference(schema)
        if ref is None and not is_type(schema):
            return schema, False
        if title is not None and self._names.claim_title(title, schema):
            return schema, True
        # A reference with a default or a text of its own is the same type.
        return retitled(schema, self._names.take(owner + pascal(name)) if ref is None else self._title_of(ref)), True


def is_type(schema: dict[str, Any]) -> bool:
    """Whether generators make a named type of a schema: an enum, or an object with fields."""
    return len(schema.get("enum", ())) > 1 or "properties" in schema


def _only_reference(schema: dict[str, Any]) -> str | None:
    """The reference of a schema that only adds texts or a default to another."""
    match schema.get("allOf"):
        case [{"$ref": str(ref)}] if "properties" not in schema:
            return ref
    return None
