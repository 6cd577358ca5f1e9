"""Checks what a server sends against the JSON Schemas of the document, which are what clients rely on.

Pydantic's validators cannot do that: a type is read otherwise than it is written (aliases, computed fields, leniency).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from chanspec.asyncapi.payloads import Payloads
from chanspec.camel import camel_case
from chanspec.contract import Contract, Message
from chanspec.enforcement.formats import LENIENT
from chanspec.enforcement.mistakes import Mistake, SchemaCheck
from chanspec.fail_fast import Size
from chanspec.messages import BUILTIN_FIELD, CompleteMessage, EventCompleteMessage, GroupCompleteMessage

_COMPLETIONS = (CompleteMessage, GroupCompleteMessage, EventCompleteMessage)
"""What ``send_completion`` adds, for tests; no document shows them."""


class Outgoing:
    """The events of one contract, with their validators.

    Attributes:
        fields: The discriminators that name them on the wire.
        values: The names.
        unnamed: Those that no field names.
    """

    def __init__(self, contract: Contract, *, is_typed: bool) -> None:
        self._known: dict[tuple[str, str], list[tuple[Message, SchemaCheck]]] = {}
        self.unnamed: list[tuple[Message, SchemaCheck]] = []
        payloads = Payloads(nulls=True)
        for message in _messages(contract, is_typed=is_typed):
            # What cannot be described is a problem of the document; here its name alone is checked.
            described, _ = payloads.wire(message, message.value, camelize=contract.camelize)
            checked = message, SchemaCheck(described.root, described.definitions, LENIENT)
            if message.field is None:
                self.unnamed.append(checked)
                continue
            field = camel_case(message.field) if contract.camelize and message.name else message.field
            self._known.setdefault((field, message.value), []).append(checked)
        self.fields = tuple(dict.fromkeys(field for field, _ in self._known))
        self.values = tuple(dict.fromkeys(value for _, value in self._known))

    def find(self, content: Any) -> list[tuple[Message, SchemaCheck]] | None:
        """The declarations of the event that a frame's content names, or of those that no field names.

        None where it names none of the contract, and all events of that have names.
        """
        if type(content) is not dict:
            return self.unnamed or None
        for field in self.fields:
            value = content.get(field)
            if type(value) is str and (known := self._known.get((field, value))) is not None:
                return known
        return self.unnamed or None

    def name_in(self, content: Mapping[str, Any]) -> tuple[str, Any]:
        """The discriminator that a frame's content has, and its value; of one that has none, the usual one."""
        for field in self.fields:
            if field in content:
                return field, content[field]
        return (self.fields[0] if self.fields else ""), None


def mistakes_in(
    known: Iterable[tuple[Message, SchemaCheck]], content: Any, size: Size
) -> tuple[Message, list[Mistake]] | None:
    """What is wrong with an event by the declaration that it comes nearest to; None where one of them takes it."""
    nearest: tuple[Message, list[Mistake]] | None = None
    for message, schema in known:
        if schema.is_valid(content):
            return None
        mistakes = schema.mistakes(content, size)
        if nearest is None or len(mistakes) < len(nearest[1]):
            nearest = (message, mistakes)
    return nearest


def _messages(contract: Contract, *, is_typed: bool) -> Iterable[Message]:
    """Every message that the server may send, each once."""
    found: dict[Message, None] = {}
    for event in contract.events:
        found.update(dict.fromkeys(event.messages))
    for action in contract.actions:
        found.update(dict.fromkeys(action.replies))
    taken = {message.value for message in found}
    for each in _COMPLETIONS if is_typed else ():
        value = str(each.model_fields[BUILTIN_FIELD].default)
        if value not in taken:
            schema = {"properties": {"payload": {"type": "null"}}}
            found[Message("out", contract.discriminator_field, value, schema, contract.where, each.__name__)] = None
    return found
