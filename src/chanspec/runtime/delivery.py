"""Hands what came over the layer to the local members of a group. Only here is a broadcast's cost per member."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from chanspec.runtime.envelopes import BROADCAST, EVENT

if TYPE_CHECKING:
    from chanspec.runtime.hub import Member

Message = dict[str, Any]

logger = logging.getLogger("chanspec.layer")


def deliver(message: Message, members: tuple[Member, ...], signalled: Container[str]) -> None:
    """Hand one message to each of ``members``.

    Args:
        message: An envelope, or a message of other code, which members get as it is.
        members: Who gets it, but for the one whom the envelope excludes.
        signalled: The channel names of members to whom ``group_sent`` is said after a broadcast.
    """
    excluded = message.get("exclude")
    if excluded is not None:
        members = tuple(member for member in members if member.channel_name != excluded)
    kind = message.get("type")
    if kind == BROADCAST:
        _push(members, {"type": "websocket.send", "text": message["text"]})
        if signalled:
            _signal(members, signalled, message)
    else:
        _push_event(members, message["event"] if kind == EVENT else message)


def _push(members: Iterable[Member], frame: Message) -> None:
    # One dict for all: the text was encoded by the sender, and nobody writes into a frame.
    for member in members:
        try:  # costs nothing unless it raises, and then the other members still get theirs
            member.push(frame)
        except Exception:
            logger.exception("a member of a group failed to take a broadcast")


def _push_event(members: Iterable[Member], event: Message) -> None:
    for member in members:
        try:
            member.push_event(deepcopy(event))  # handlers may change what they get, as with a layer's own copies
        except Exception:
            logger.exception("a member of a group failed to take a channel event")


def _signal(members: Iterable[Member], signalled: Container[str], message: Message) -> None:
    groups = message.get("groups") or [message.get("group")]
    for member in members:
        if member.channel_name in signalled:
            member.group_sent(groups)
