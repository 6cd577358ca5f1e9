"""Titles for the types inside of a hand-written document's payloads, by the rules of ``inner_titles``.

It works on the nodes of a text, which know where a title is to be written. It decides what is titled, and how; finding
payloads and writing titles is the template's part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from chanspec.asyncapi.inner_titles import BY_NAME, MANY, SINGLE
from chanspec.asyncapi.names import Names, pascal
from chanspec.asyncapi.source import entries

Follow = Callable[[Node | None], tuple[Node | None, str | None]]
"""Returns what a node is after its references, and the last reference; None for what is not in the document."""


class InnerNodes:
    """Finds what needs a title in schemas; each node once, however many lead to it.

    Args:
        names: The names of types that are taken.
        value_at: Returns the value of a key in a mapping.
        follow: See :data:`Follow`.
        name_of: Returns the name that a type in ``components.schemas`` has by its place; None for other references.
    """

    def __init__(
        self,
        names: Names,
        value_at: Callable[[Node | None, str], Node | None],
        follow: Follow,
        name_of: Callable[[str], str | None],
    ) -> None:
        self._names = names
        self._value_at = value_at
        self._follow = follow
        self._name_of = name_of
        self._seen: set[int] = set()
        self._given: dict[int, str] = {}

    def inside(self, schema: Node | None, owner: str) -> Iterator[tuple[MappingNode, str]]:
        """Yield the nodes in a schema, which is called ``owner``, that need a title, each with the title."""
        waiting = [(schema, owner)]
        while waiting:
            node, called = waiting.pop()
            if not isinstance(node, MappingNode) or id(node) in self._seen:
                continue
            self._seen.add(id(node))
            found: list[tuple[Node | None, str]] = []
            for part, name in _parts(node):
                target, pointer = self._follow(part)
                own = self._value_at(target, "title")
                title = own.value if isinstance(own, ScalarNode) else None
                if title is None:
                    title = self._given.get(id(target)) or (self._name_of(pointer) if pointer is not None else None)
                is_open = title is None and name is not None and id(target) not in self._seen
                if is_open and isinstance(target, MappingNode) and self._is_type(target):
                    title = self._given[id(target)] = self._names.take(called + pascal(name or ""))
                    yield target, title
                found.append((target, title or called + (pascal(name) if name is not None else "")))
            waiting += reversed(found)

    def _is_type(self, schema: Node) -> bool:
        """Whether generators make a named type of a schema: an enum, or an object with fields."""
        choices = self._value_at(schema, "enum")
        is_enum = isinstance(choices, SequenceNode) and len(choices.value) > 1
        return is_enum or self._value_at(schema, "properties") is not None


def _parts(schema: MappingNode) -> Iterator[tuple[Node, str | None]]:
    """The schemas directly in one, each with what its type is called there; None for a part of the same type."""
    for key, value in entries(schema):
        keyword = str(key.value)
        if keyword in BY_NAME:
            yield from ((each, str(name.value)) for name, each in entries(value))
        elif isinstance(value, SequenceNode) and keyword == "allOf":
            yield from ((each, None) for each in value.value)
        elif isinstance(value, SequenceNode) and keyword in MANY:
            yield from ((each, f"{MANY[keyword]}{number}") for number, each in enumerate(value.value, 1))
        elif isinstance(value, MappingNode) and keyword in SINGLE:
            yield value, SINGLE[keyword]
