"""The document's ``components/schemas``: each shared type once, under a readable name of its own."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from chanspec.asyncapi.inner_titles import InnerTitles, is_type
from chanspec.asyncapi.type_names import TypeNames, retitled, type_name
from chanspec.schemas import REF, Described, JsonSchema
from chanspec.schemas.dialect import map_refs, refs_in

COMPONENT = "#/components/schemas/"


class Schemas:
    """Collects the definitions of many payloads.

    Two definitions are the same type when they have the same name and everything they lead to is the same.
    Different types of one name are told apart by the message that brought the later one in.

    Args:
        names: Those that code generated from the document has already: the messages'.
    """

    def __init__(self, names: TypeNames) -> None:
        self.schemas: dict[str, JsonSchema] = {}
        self._types: dict[int, _Types] = {}
        self._known: dict[str, str] = {}  # fingerprint → component
        self._names = names
        self._inner = InnerTitles(names, self._title_of)

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
            fingerprint = types.fingerprint(name)
            if fingerprint not in self._known:
                own = type_name(_own_name(name, described.definitions[name]))
                # What TypeScript has already is another name whichever message brings the type in.
                choices = [f"{own}Type"] if self._names.is_own(own) else [own, type_name(name)]
                self._known[fingerprint] = self._names.take(*choices, owner + own[0].upper() + own[1:])
                added.append(name)
            names[name] = self._known[fingerprint]

        def component(ref: str) -> str:
            return COMPONENT + names[ref.removeprefix(REF)]

        for name in added:
            schema = described.definitions[name]
            if types.leads_on(name):
                schema = map_refs(schema, component)
            self.schemas[names[name]] = self._titled(schema, name, names[name])
        for name in added:
            self.schemas[names[name]] = self._inner.inside(self.schemas[names[name]], names[name])
        root: JsonSchema = self._inner.inside(map_refs(described.root, component), owner)
        return root

    def _title_of(self, ref: str) -> str:
        """The name that code generated from a component has."""
        name = ref.removeprefix(COMPONENT)
        title: str = self.schemas[name].get("title", name)
        return title

    def _types_of(self, definitions: dict[str, JsonSchema]) -> _Types:
        if id(definitions) not in self._types:
            self._types[id(definitions)] = _Types(definitions)
        return self._types[id(definitions)]

    def _titled(self, schema: JsonSchema, name: str, component: str) -> JsonSchema:
        """A type titled like its component: code is generated under titles, so they must be unique too.

        A title that somebody wrote stays, where it is the only one of its kind.
        """
        title = schema.get("title", component if is_type(schema) or schema.get("type") == "object" else None)
        if title is None or (title != name and title != component and self._names.claim_title(title, schema)):
            return schema
        return retitled(schema, component)


def _own_name(name: str, schema: JsonSchema) -> str:
    """The name of a type, without what its payload put before it to tell it from another of that name."""
    title: str = schema.get("title") or name
    return title if _letters(name).endswith(_letters(title)) else name


def _letters(name: str) -> str:
    """A name without what a definition's name cannot have: ``Page[Ride]`` is called ``Page_Ride_``."""
    return re.sub(r"[^A-Za-z0-9]", "", name) or name


class _Types:
    """The definitions of a payload, which many messages may share."""

    def __init__(self, definitions: dict[str, JsonSchema]) -> None:
        self.definitions = definitions
        self._parts = {name: _parts(name, schema) for name, schema in definitions.items()}
        self._fingerprints: dict[str, str] = {}

    def leads_on(self, name: str) -> bool:
        """Whether a definition refers to any."""
        return bool(self._parts[name][1])

    def reachable(self, names: set[str]) -> list[str]:
        """Every definition that ``names`` lead to, in the order they are defined in."""
        found = self._closure(names)
        return [name for name in self.definitions if name in found]

    def fingerprint(self, name: str) -> str:
        """What tells a type from all others: its own name, what it says, and all that it leads to.

        The names that definitions go by in this payload do not matter, so they are replaced by numbers.
        """
        if name not in self._fingerprints:
            closure = self._closure([name])
            told = [
                (text, [closure[each] for each in leads_to])
                for text, leads_to in (self._parts[each] for each in closure)
            ]
            self._fingerprints[name] = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        return self._fingerprints[name]

    def _closure(self, names: Iterable[str]) -> dict[str, int]:
        """``names`` and all that they lead to, numbered in the order in which they are met."""
        found = {name: number for number, name in enumerate(names)}
        waiting = list(found)
        for name in waiting:
            for each in self._parts[name][1]:
                if each not in found:
                    found[each] = len(found)
                    waiting.append(each)
        return found


def _parts(name: str, schema: JsonSchema) -> tuple[str, list[str]]:
    """What a definition says without the names in its references, and those names in their order."""
    named = {"title": name} | schema
    names: list[str] = []
    if not refs_in(schema):
        return json.dumps(named, sort_keys=True), names

    def cut(ref: str) -> str:
        names.append(ref.removeprefix(REF))
        return ""

    text = json.dumps(map_refs(_sorted(named), cut), sort_keys=True)
    return text, names


def _sorted(value: Any) -> Any:
    """JSON with its keys in order, so that references in it are met in the same order wherever it comes from."""
    return json.loads(json.dumps(value, sort_keys=True))
