"""The document's ``components/schemas``: each shared type once, under a readable name of its own."""

from __future__ import annotations

import hashlib
import json

from chanspec.asyncapi.names import Names, pascal
from chanspec.schemas import REF, Described, JsonSchema
from chanspec.schemas.dialect import map_refs, refs_in

COMPONENT = "#/components/schemas/"


class Schemas:
    """Collects the definitions of many payloads.

    Two definitions are the same type when they have the same name and everything they lead to is the same.
    Different types of one name are told apart by the message that brought the later one in.
    """

    def __init__(self) -> None:
        self.schemas: dict[str, JsonSchema] = {}
        self._types: dict[int, _Types] = {}
        self._known: dict[tuple[str, str], str] = {}
        self._names = Names()

    def add(self, described: Described, owner: str) -> JsonSchema:
        """Take in what a payload refers to.

        Args:
            described: The payload.
            owner: The message's name, for types whose own name is taken.

        Returns:
            The payload's root, its references leading to ``#/components/schemas/…``.
        """
        types = self._types_of(described.definitions)
        names: dict[str, str] = {}
        added: list[str] = []
        for name in types.reachable(refs_in(described.root)):
            key = (name, types.fingerprint(name))
            if key not in self._known:
                self._known[key] = self._names.take(name, owner + pascal(name))
                added.append(name)
            names[name] = self._known[key]

        def component(ref: str) -> str:
            return COMPONENT + names[ref.removeprefix(REF)]

        for name in added:
            schema = map_refs(described.definitions[name], component)
            self.schemas[names[name]] = _titled(schema, name, names[name])
        root: JsonSchema = map_refs(described.root, component)
        return root

    def _types_of(self, definitions: dict[str, JsonSchema]) -> _Types:
        if id(definitions) not in self._types:
            self._types[id(definitions)] = _Types(definitions)
        return self._types[id(definitions)]


def _titled(schema: JsonSchema, name: str, component: str) -> JsonSchema:
    """A type titled like its component: code is generated under titles, so they must be unique too."""
    if isinstance(schema, dict) and schema.get("title", name if schema.get("type") == "object" else None) == name:
        return {"title": component} | schema | {"title": component}
    return schema


class _Types:
    """The definitions of a payload, which many messages may share."""

    def __init__(self, definitions: dict[str, JsonSchema]) -> None:
        self.definitions = definitions
        self._leads_to = {name: refs_in(schema) for name, schema in definitions.items()}
        self._texts = {name: json.dumps(schema, sort_keys=True) for name, schema in definitions.items()}
        self._fingerprints: dict[str, str] = {}

    def reachable(self, names: set[str]) -> list[str]:
        """Every definition that ``names`` lead to, in the order they are defined in."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            if (name := waiting.pop()) not in found:
                found.add(name)
                waiting.extend(self._leads_to[name])
        return [name for name in self.definitions if name in found]

    def fingerprint(self, name: str) -> str:
        """What tells a type from others of its name: all that it leads to."""
        if name not in self._fingerprints:
            closure = {each: self._texts[each] for each in sorted(self.reachable({name}))}
            self._fingerprints[name] = hashlib.sha256(json.dumps(closure).encode()).hexdigest()
        return self._fingerprints[name]
