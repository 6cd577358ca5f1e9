"""Any JSON Schema (Draft 4 to 2020-12) → the dialect of AsyncAPI 3's Schema Object, which builds on Draft 7.

The result is a root schema and its definitions side by side. Every reference in either is ``#/$defs/Name`` and
names one of the definitions. The input is never changed, and nothing of it is shared with the result. What Draft 7
cannot say is left out, so that the result accepts more, never less.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from chanspec.schemas.keywords import REF, map_refs, map_subschemas, refs_in
from chanspec.schemas.registry import CannotDescribe, JsonSchema

__all__ = ["REF", "RESERVED_KEYS", "Described", "is_writable", "map_refs", "normalize", "readable", "refs_in"]

RESERVED_KEYS = frozenset({"$ref", "<<", "__proto__", "hasOwnProperty"})
"""Keys of objects that readers of AsyncAPI, which are written in JavaScript, trip over: ``$ref`` is a reference to
them in data too, and ``<<`` a merge key even in quotes."""

# Definitions are hoisted; identifiers would change what references mean; `schema` would make a payload AsyncAPI's
# Multi Format Schema Object.
_DROPPED = frozenset(
    {"$defs", "definitions", "$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$comment"}
    | {"$vocabulary", "schema", "schemaFormat"}
)
_APPLICATORS = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else", "dependencies"})
"""Keywords whose schemas see the same object."""
_BESIDE_REF = frozenset({"$ref", "$recursiveRef", "unevaluatedProperties"})


@dataclass(slots=True)
class Described:
    """A payload as JSON Schema.

    Attributes:
        root: The schema.
        definitions: What it refers to by ``#/$defs/Name``, by name.
        notes: What is odd about the payload although the schema is true, each with what to write instead.
    """

    root: JsonSchema
    definitions: dict[str, JsonSchema] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def normalize(schema: JsonSchema) -> Described:
    """Return ``schema`` in AsyncAPI's dialect.

    Raises:
        CannotDescribe: A reference points outside the schema, or to nothing.
    """
    normalizer = _Normalizer(schema)
    root = normalizer.schema(schema)
    return Described(root, normalizer.definitions)


def readable(name: str) -> str:
    """Make ``name`` one that AsyncAPI allows as a component's key: ``[A-Za-z0-9._-]+``."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("_") or "Schema"


def is_writable(value: Any) -> bool:
    """Whether a document can hold ``value`` as data."""
    if isinstance(value, dict):
        return RESERVED_KEYS.isdisjoint(value) and all(map(is_writable, value.values()))
    if isinstance(value, list | tuple):
        return all(map(is_writable, value))
    return not isinstance(value, float) or math.isfinite(value)


class _Normalizer:
    def __init__(self, document: JsonSchema) -> None:
        self.document = document
        self.names: dict[str, str] = {}  # JSON pointer → name of the definition made of it
        self.definitions: dict[str, JsonSchema] = {}

    def schema(self, node: Any) -> Any:
        if not isinstance(node, dict):
            return node
        ref = node.get("$ref", node.get("$recursiveRef"))
        if isinstance(ref, str):
            return self.reference(ref, node)
        if "$dynamicRef" in node:
            raise CannotDescribe("the schema has a $dynamicRef, which Draft 7 has not", "write a $ref")
        return map_subschemas(_draft_7(node), self.schema)

    def reference(self, ref: str, node: JsonSchema) -> JsonSchema:
        target = {"$ref": REF + self.hoist(ref)}
        # Draft 7 ignores what stands beside a $ref; allOf keeps it.
        beside = self.schema({key: value for key, value in node.items() if key not in _BESIDE_REF})
        return {**beside, "allOf": [target, *beside.get("allOf", [])]} if beside else target

    def hoist(self, ref: str) -> str:
        """Make a definition of what ``ref`` points to, once, and return its name."""
        if ref not in self.names:
            target = self.lookup(ref)
            name = self.names[ref] = self.unused_name(ref, target)
            self.definitions[name] = {}  # holds the place, so that definitions keep the order they are met in
            # AsyncAPI's components are objects, never bools.
            self.definitions[name] = (
                {True: {}, False: {"not": {}}}[target] if isinstance(target, bool) else self.schema(target)
            )
        return self.names[ref]

    def lookup(self, ref: str) -> Any:
        if not ref.startswith("#"):
            raise CannotDescribe(
                f"the schema refers to {ref!r}, outside of itself", "copy what it names into the schema's own $defs"
            )
        target = self.pointed(ref[1:]) if ref[1:2] in ("", "/") else _anchored(self.document, ref[1:])
        if target is None:
            raise CannotDescribe(
                f"the schema refers to {ref!r}, which is not there", "define it in the schema's own $defs"
            )
        if not isinstance(target, dict | bool):
            raise CannotDescribe(f"the schema refers to {ref!r}, which is no schema", "refer to a schema")
        return target

    def pointed(self, pointer: str) -> Any:
        target: Any = self.document
        try:
            for token in pointer.split("/")[1:]:
                key = _key(token)
                target = target[int(key)] if isinstance(target, list) else target[key]
        except (KeyError, IndexError, TypeError, ValueError):
            return None
        return target

    def unused_name(self, ref: str, target: Any) -> str:
        title = target.get("title") if isinstance(target, dict) else None
        name = readable(_key(ref[1:].rpartition("/")[2]) or (title if isinstance(title, str) else "Payload"))
        number = 1
        while (candidate := name if number == 1 else f"{name}{number}") in self.definitions:
            number += 1
        return candidate


def _key(token: str) -> str:
    """What a token of a JSON pointer in a URI stands for (RFC 6901)."""
    return unquote(token).replace("~1", "/").replace("~0", "~")


def _anchored(schema: Any, anchor: str) -> Any:
    """The subschema that has ``anchor``; None where none has."""
    if not isinstance(schema, dict | list):
        return None
    if isinstance(schema, dict) and (schema.get("$anchor") == anchor or schema.get("$id") == f"#{anchor}"):
        return schema
    found = (_anchored(each, anchor) for each in (schema.values() if isinstance(schema, dict) else schema))
    return next((each for each in found if each is not None), None)


def _draft_7(schema: JsonSchema) -> JsonSchema:
    """A copy of a schema with its own keywords in Draft 7's terms; its subschemas are as they were."""
    node = {key: value for key, value in schema.items() if key not in _DROPPED}
    for translate, keywords in _TRANSLATIONS.items():
        if not keywords.isdisjoint(node):
            translate(node)
    return node


def _tuples(node: JsonSchema) -> None:
    """2020-12 spells tuples ``prefixItems`` + ``items``, Draft 7 ``items`` + ``additionalItems``."""
    if isinstance(prefix := node.pop("prefixItems", None), list):
        rest = node.pop("items", None)
        if prefix:
            node["items"] = prefix
        if rest is not None:
            node["additionalItems" if prefix else "items"] = rest


def _dependencies(node: JsonSchema) -> None:
    """2020-12 splits Draft 7's ``dependencies`` in two."""
    for key in ("dependentRequired", "dependentSchemas"):
        value = node.pop(key, None)
        if isinstance(value, dict) and value.keys().isdisjoint(known := node.get("dependencies", {})):
            node["dependencies"] = {**known, **value}
        elif value is not None:
            node["allOf"] = [*node.get("allOf", []), {"dependencies": value}]


def _contains(node: JsonSchema) -> None:
    """``minContains: 0`` takes ``contains`` back; Draft 7 cannot count otherwise."""
    if node.pop("minContains", 1) == 0:
        node.pop("contains", None)
    node.pop("maxContains", None)


def _discriminator(node: JsonSchema) -> None:
    """A tagged union requires its tag, even where its members have defaults for it.

    That is what the keyword means to OpenAPI, whose object it is, and to pydantic. AsyncAPI's is a string, which
    names components by the tag's values; the members' constants say which is which.
    """
    told = node.pop("discriminator", None)
    tag = told.get("propertyName") if isinstance(told, dict) else told
    required = node.get("required", [])
    if isinstance(tag, str) and isinstance(required, list) and tag not in required:
        node["required"] = [*required, tag]


def _closed(node: JsonSchema) -> None:
    """``unevaluatedProperties`` is ``additionalProperties`` where no other schema evaluates the same object."""
    rest = node.pop("unevaluatedProperties", None)
    node.pop("unevaluatedItems", None)
    if rest is not None and _APPLICATORS.isdisjoint(node):
        node.setdefault("additionalProperties", rest)


def _bounds(node: JsonSchema) -> None:
    """Draft 4 makes a bound exclusive by a bool; no bound at all is Python's infinity."""
    for bound in ("Minimum", "Maximum"):
        exclusive, inclusive = f"exclusive{bound}", bound.lower()
        if isinstance(node.get(exclusive), bool) and node.pop(exclusive) and inclusive in node:
            node[exclusive] = node.pop(inclusive)
        for key in (exclusive, inclusive):
            if isinstance(node.get(key), float) and math.isinf(node[key]):
                del node[key]


def _nullable(node: JsonSchema) -> None:
    """OpenAPI 3.0's ``nullable`` is a type of its own in JSON Schema."""
    if node.pop("nullable", False) is True and "type" in node:
        kinds = node["type"] if isinstance(node["type"], list) else [node["type"]]
        node["type"] = [*kinds, "null"] if "null" not in kinds else kinds
        if isinstance(node.get("enum"), list) and None not in node["enum"]:
            node["enum"] = [*node["enum"], None]


def _annotations(node: JsonSchema) -> None:
    """Annotations that AsyncAPI has in one form only, or that no document can hold."""
    if "deprecated" in node:
        node["deprecated"] = bool(node["deprecated"])
    if not _is_link(node.get("externalDocs", {"url": ""})):
        del node["externalDocs"]
    if not is_writable(node.get("default")):
        del node["default"]
    if "example" in node:  # OpenAPI 3.0
        node.setdefault("examples", [node.pop("example")])
    if isinstance(examples := node.get("examples"), list):
        node["examples"] = [each for each in examples if is_writable(each)]


def _is_link(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("url"), str) and value.keys() <= {"url", "description"}


def _field_names(node: JsonSchema) -> None:
    """A field with a reserved name is described by a pattern that only its name matches."""
    if isinstance(properties := node.get("properties"), dict) and not RESERVED_KEYS.isdisjoint(properties):
        node["properties"] = {name: each for name, each in properties.items() if name not in RESERVED_KEYS}
        patterns = {f"^{re.escape(name)}$": properties[name] for name in properties if name in RESERVED_KEYS}
        # Beside other patterns, not among them: theirs could be the same.
        if "patternProperties" in node:
            node["allOf"] = [*node.get("allOf", []), {"patternProperties": patterns}]
        node["patternProperties"] = {**patterns, **node.get("patternProperties", {})}


_TRANSLATIONS = {
    _tuples: frozenset({"prefixItems"}),
    _dependencies: frozenset({"dependentRequired", "dependentSchemas"}),
    _contains: frozenset({"minContains", "maxContains"}),
    _discriminator: frozenset({"discriminator"}),
    _closed: frozenset({"unevaluatedItems", "unevaluatedProperties"}),
    _bounds: frozenset({"exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum"}),
    _nullable: frozenset({"nullable"}),
    _annotations: frozenset({"default", "deprecated", "example", "examples", "externalDocs"}),
    _field_names: frozenset({"properties"}),
}
"""What translates a schema's own keywords, in this order, and the keywords without which it has nothing to do."""
