"""Looks at the first frames of described consumers in development, and says where their names contradict the contract.

It is for projects without a ``ContractMiddleware``: nobody else would notice that every frame is named by another field
than the document says. It reads a few frames of each class, changes none, and is off unless somebody turns it on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from pydantic_core import from_json

from chanspec.contract import Contract, Direction, contract_of
from chanspec.enforcement.drifts import logger
from chanspec.enforcement.meant import field_meant
from chanspec.runtime.connection import Receive
from chanspec.runtime.outbox import Send

MAX_FRAMES = 10
"""Frames of each class that are looked at, in each direction."""

MAX_LENGTH = 65_536
"""A longer frame is not looked at."""


class FirstFrames:
    """What is left to look at of each class."""

    def __init__(self) -> None:
        self._looking: WeakKeyDictionary[type, dict[Direction, _Looking]] = WeakKeyDictionary()

    def around(self, consumer: type, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """Return what a connection of a consumer receives and sends by: the same, once enough frames were seen."""
        if consumer not in self._looking:
            self._looking[consumer] = _looking_of(consumer)
        looking = self._looking[consumer]
        received, sent = looking.get("in"), looking.get("out")

        async def look_and_receive() -> Any:
            message = await receive()
            assert received is not None
            if received.left and message.get("type") == "websocket.receive":
                received.look(message.get("text"))
            return message

        async def look_and_send(message: Any) -> None:
            assert sent is not None
            if sent.left and message.get("type") == "websocket.send":
                sent.look(message.get("text"))
            await send(message)

        return (
            look_and_receive if received is not None and received.left else receive,
            look_and_send if sent is not None and sent.left else send,
        )


class _Looking:
    """The frames of one class in one direction.

    Attributes:
        left: How many are still looked at.
    """

    def __init__(self, where: str, attribute: str, field: str, names: Collection[str]) -> None:
        self.left = MAX_FRAMES
        self._where = where
        self._attribute = attribute
        self._field = field
        self._names = names

    def look(self, text: Any) -> None:
        """Look at a frame; the first that is named as the contract says, and the first that is not, is the last."""
        self.left -= 1
        if not isinstance(text, str) or len(text) > MAX_LENGTH:
            return
        try:
            content = from_json(text)
        except ValueError:
            return
        if not isinstance(content, Mapping):
            return
        value = content.get(self._field)
        if type(value) is str and value in self._names:
            self.left = 0
            return
        meant = field_meant(content, self._names, self._field)
        if self._field in content and not meant:
            return
        self.left = 0
        by = "a client sent" if self._attribute == "action_field" else "the consumer sent"
        told = f"; did you mean {self._attribute} = '{meant}'?" if meant else ""
        logger.warning(
            "%s: %s a frame without a documented name in %r%s The class attribute %s says which field names messages, "
            "and is None where none does",
            *(self._where, by, self._field, told or ".", self._attribute),
        )


def _looking_of(consumer: type) -> dict[Direction, _Looking]:
    try:
        contract: Contract = contract_of(consumer)
    except Exception:  # of other people's classes; whoever documents it is told
        return {}
    actions = {each.message.value for each in contract.actions if not each.message.name}
    sent = [message for event in contract.events for message in event.messages]
    sent += [reply for action in contract.actions for reply in action.replies]
    events = {message.value for message in sent if not message.name}
    looking: dict[Direction, _Looking] = {}
    if actions and contract.action_field is not None:
        looking["in"] = _Looking(contract.where, "action_field", contract.action_field, actions)
    if events and contract.event_field is not None:
        looking["out"] = _Looking(contract.where, "event_field", contract.event_field, events)
    return looking
