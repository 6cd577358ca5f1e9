"""Logs what a consumer sends and its document does not have, once for each name, with the place and the cure.

For development: it looks at the first message of each class, and at all JSON that is sent without one. Who checks every
frame of every kind is :mod:`chanspec.enforcement`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

from pydantic_core import from_json

from chanspec.camel import camel_case
from chanspec.contract import Contract, Message
from chanspec.messages import SENT_NAMES
from chanspec.runtime import log

MAX_KNOWN = 100

_HOOKS = frozenset({"base_send", "broadcast_message", "encode_json", "send", "send_json", "send_message"})

_HANDLING = "chanspec.runtime.answering"
"""The module whose functions call handlers, which they have as ``route``."""

_Name = tuple[str, str]
"""A discriminator on the wire, and its value."""


class Undeclared:
    """What one class of consumers declares that it sends.

    Args:
        contract: Of the class.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._discriminator = self._on_wire(contract.discriminator_field)
        self._declared = set(self._names())
        self._fields = tuple(dict.fromkeys((self._discriminator, *(field for field, _ in self._declared))))
        self._has_nameless = any(message.field is None for message in self._declared_messages())
        self._told: set[Any] = set()

    def _declared_messages(self) -> Iterator[Message]:
        for action in self._contract.actions:
            yield from action.replies
        for event in self._contract.events:
            yield from event.messages

    def _names(self) -> Iterator[_Name]:
        for message in self._declared_messages():
            if message.field is not None:  # of described messages, which no field may name
                yield (self._on_wire(message.field) if message.name else message.field), message.value
        for value in SENT_NAMES:
            yield self._discriminator, value

    def _on_wire(self, field: str) -> str:
        return camel_case(field) if self._contract.camelize else field

    def first_sent(self, message: type, text: str) -> None:
        """Look at the first message of a class.

        Args:
            message: The class.
            text: What is sent.
        """
        self._look_at(from_json(text), message)

    def sent(self, content: Any) -> None:
        """Look at JSON of any shape that is sent."""
        self._look_at(content, None)

    def _look_at(self, content: Any, message: type | None) -> None:
        named = content if isinstance(content, dict) else {}
        found = [(field, named[field]) for field in self._fields if isinstance(named.get(field), str)]
        if any(each in self._declared for each in found):
            return
        name = found[0][1] if found else None
        if name is None and message is None and self._has_nameless:  # it may be one of those that no field names
            return
        key = message if name is None else name
        if key not in self._told and len(self._told) < MAX_KNOWN:
            self._told.add(key)
            self._log(name, message)

    def _log(self, name: str | None, message: type | None) -> None:
        place, returned = self._place()
        what = "JSON" if message is None else message.__name__
        if name is None:
            wrong = f"without {self._discriminator!r}, which would name it, so the document cannot have it"
            cure = f'declare `{self._discriminator}: Literal["…"] = "…"` in it, and name its class in output_type='
        else:
            wrong = f"({log.shown(name, 100)!r}), which no handler declares, so the document does not have it"
            cure = "make it a message class, and name that in output_type= of its @ws_handler or @event_handler"
            if returned and message is not None:
                cure = f"annotate the handler with what it returns: `-> {returned.format(what)}`"
            elif message is not None:
                cure = f"write output_type={what} in the @ws_handler or @event_handler that it belongs to"
        fields = {"consumer": self._contract.where, "action": name or "", "place": place}
        log.logger.warning("%s sends %s %s; %s", place, what, wrong, cure, extra=fields)

    def _place(self) -> tuple[str, str]:
        """Where the message comes from, and what the annotation looks like of a handler that returned or yielded it."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            module = str(frame.f_globals.get("__name__", ""))
            if module == _HANDLING and "route" in frame.f_locals:
                route = frame.f_locals["route"]
                return str(route.where), "AsyncIterator[{}]" if route.is_stream else "{}"
            if not module.startswith("chanspec.") and frame.f_code.co_name not in _HOOKS:
                return f"{module}:{frame.f_code.co_qualname}, line {frame.f_lineno},", ""
            frame = frame.f_back
        return self._contract.where, ""
