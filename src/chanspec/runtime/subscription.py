"""One group as a hub serves it: its local members, its channel on the layer, its numbers. It calls no layer."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Container
from typing import TYPE_CHECKING, Any

from chanspec.runtime.delivery import Audience
from chanspec.runtime.envelopes import Marks

if TYPE_CHECKING:
    from chanspec.runtime.hub import Member

MAX_SENDERS = 256  # whose last number is kept for one group; a process is one sender
MAX_SHARED = 128  # broadcasts to several groups whose other copies are awaited


class Subscription:
    """The group's local members, and what is known of it on the layer.

    Attributes:
        group: The group's name.
        audience: The members.
        channel: The hub's channel in this group, from the first attempt to join until the last one to leave.
        live: Whether the layer has taken the membership.
        refused: Whether the layer said that there can be no such group, as of a name that is not valid.
        lock: Held while the layer is asked to join or to leave, so that these never overtake each other.
        sending: Held while a message is sent, so that numbers are in the order of arrival.
        gone: While it is being left: done when the layer has taken that, or when it was given up.
    """

    __slots__ = (
        "_heard",
        "_number",
        "audience",
        "channel",
        "gone",
        "group",
        "live",
        "lock",
        "members",
        "refused",
        "sender",
        "sending",
    )

    def __init__(self, group: str, sender: str) -> None:
        self.group = group
        self.channel: str | None = None
        self.live = False
        self.refused = False
        self.lock = asyncio.Lock()
        self.sending = asyncio.Lock()
        self.gone: asyncio.Future[None] | None = None
        self.audience = Audience()
        self.members: dict[str, Member] = self.audience.members
        self.sender = sender
        self._number = 0
        self._heard: OrderedDict[str, int] = OrderedDict()

    @property
    def awaited(self) -> int:
        """How many of its own messages this process has not heard yet, on layers where they are numbered."""
        return self._number - self._heard.get(self.sender, 0)

    def number(self, marks: dict[str, Any]) -> None:
        """Number an envelope that is about to be sent to this group."""
        self._number += 1
        marks["sender"] = self.sender
        marks["number"] = self._number

    def missing_before(self, marks: Marks) -> int:
        """How many of this sender's messages are missing before this one; -1 if it was heard already.

        The first message of a sender is where counting starts: what came before the membership is not missing.
        """
        number: int | None = marks.get("number")
        sender: str | None = marks.get("sender")
        if number is None or sender is None:
            return 0
        last = self._heard.get(sender, number - 1)
        if number <= last:
            return -1
        self._heard[sender] = number
        self._heard.move_to_end(sender)
        if len(self._heard) > MAX_SENDERS:
            self._heard.popitem(last=False)
        return number - last - 1


class Shared:
    """Who got which broadcast that went to several groups, until its last copy has come."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, tuple[set[str], set[str]]] = OrderedDict()

    def not_yet(self, marks: Marks, audience: Audience, served: Container[str]) -> Audience:
        """The members who have not got this broadcast by way of another group.

        Args:
            marks: Of one of the copies, which names its own group and all groups.
            audience: The members of that group.
            served: The groups that this hub serves: a copy comes for each of them.
        """
        once = marks["once"]
        entry = self._open.get(once)
        if entry is None:
            entry = self._open[once] = (set(), {group for group in marks.get("groups", ()) if group in served})
            if len(self._open) > MAX_SHARED:
                self._open.popitem(last=False)
        got, awaited = entry
        if not got.isdisjoint(audience.members):
            audience = Audience(member for name, member in audience.members.items() if name not in got)
        got.update(audience.members)
        awaited.discard(marks.get("group", ""))
        if not awaited:
            self._open.pop(once, None)
        return audience
