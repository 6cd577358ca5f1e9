"""Hands what came over the layer to the local members of a group. It costs something for each only here and in
``outbox``.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from chanspec.runtime.envelopes import BROADCAST, EVENT, Marks
from chanspec.runtime.outbox import Outbox, push_all
from chanspec.runtime.witness import BroadcastText

if TYPE_CHECKING:
    from chanspec.runtime.hub import Member

Message = dict[str, Any]

logger = logging.getLogger("chanspec.layer")


class Audience:
    """Some members, and the way by which a broadcast reaches each.

    A member whose ``push`` is an outbox's own, as a connection's is unless it overrides ``send``, is served together
    with all others like it, by one call of ``push_all``; the others are called one by one.

    Attributes:
        members: All, by channel name.
    """

    __slots__ = ("_all", "_others", "_outboxes", "members")

    def __init__(self, members: Iterable[Member] = ()) -> None:
        self.members: dict[str, Member] = {}
        self._outboxes: dict[str, Outbox] = {}
        self._others: dict[str, Member] = {}
        self._all: tuple[Outbox, ...] | None = None
        for member in members:
            self.add(member)

    def add(self, member: Member) -> None:
        self.members[member.channel_name] = member
        push = member.push
        if getattr(push, "__func__", None) is Outbox.push:
            self._outboxes[member.channel_name] = push.__self__  # type: ignore[attr-defined]
            self._all = None
        else:
            self._others[member.channel_name] = member

    def discard(self, channel_name: str) -> None:
        self.members.pop(channel_name, None)
        self._others.pop(channel_name, None)
        if self._outboxes.pop(channel_name, None) is not None:
            self._all = None

    def push(self, frame: Message, excluded: str | None = None) -> None:
        """Send a frame to all but one."""
        outboxes = self._all  # kept between changes: saves copying 1,000 entries for each broadcast
        if outboxes is None:
            outboxes = self._all = tuple(self._outboxes.values())
        if excluded in self._outboxes:
            left_out = self._outboxes[excluded]
            outboxes = tuple([outbox for outbox in outboxes if outbox is not left_out])
        push_all(outboxes, frame)
        left_out_member = self._others.get(excluded) if excluded is not None else None
        for member in tuple(self._others.values()):
            if member is not left_out_member:
                try:  # costs nothing unless it raises, and then the other members still get theirs
                    member.push(frame)
                except Exception:
                    logger.exception("a member of a group failed to take a broadcast")

    def push_event(self, event: Message, excluded: str | None = None) -> None:
        """Hand a channel event to all but one; each gets a copy, as with a layer's own: handlers may change it.

        Raises:
            Exception: It cannot be copied: it is nested too deeply, for one. That is so before anybody gets it.
        """
        for member in self.all_but(excluded):
            copy = deepcopy(event)
            try:
                member.push_event(copy)
            except Exception:
                logger.exception("a member of a group failed to take a channel event")

    def all_but(self, excluded: str | None) -> list[Member]:
        """The members as they are now, without one."""
        return [member for name, member in self.members.items() if name != excluded]


def deliver(message: Message, marks: Marks, audience: Audience, signalled: Container[str]) -> None:
    """Hand one message to its audience.

    Args:
        message: A checked envelope, or a message of the application's, which members get as it is.
        marks: What ``marks_of`` returned for it.
        audience: Who gets it, but for the one whom the envelope excludes.
        signalled: The channel names of members to whom ``group_sent`` is said after a broadcast.

    Raises:
        Exception: An event cannot be copied.
    """
    excluded = marks.get("exclude")
    kind = message.get("type")
    if kind == BROADCAST:
        audience.push({"type": "websocket.send", "text": BroadcastText(message["text"])}, excluded)
        if signalled:
            _signal(audience.all_but(excluded), signalled, marks)
    else:
        audience.push_event(message["event"] if kind == EVENT else message, excluded)


def _signal(members: Iterable[Member], signalled: Container[str], marks: Marks) -> None:
    groups = marks.get("groups") or ([marks["group"]] if "group" in marks else [])
    for member in members:
        if member.channel_name in signalled:
            member.group_sent(groups)
