"""What a consumer sees as its channel layer: groups go through the hub, everything else to the layer itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chanspec.runtime.hub import Hub, Member


class LayerProxy:
    """The layer, but ``group_add`` and ``group_discard`` of a local connection's name join and leave the hub."""

    def __init__(self, hub: Hub, member: Member) -> None:
        self._hub = hub
        self._member = member

    async def group_add(self, group: str, channel: str) -> None:
        """Join a group; see ``Hub.join``."""
        member = self._find(channel)
        if member is None:
            await self._hub.layer.group_add(group, channel)
        else:
            await self._hub.join(group, member)

    async def group_discard(self, group: str, channel: str) -> None:
        """Leave a group; see ``Hub.leave``."""
        member = self._find(channel)
        if member is None:
            await self._hub.layer.group_discard(group, channel)
        else:
            await self._hub.leave(group, member)

    def _find(self, channel: str) -> Member | None:
        return self._member if channel == self._member.channel_name else self._hub.members.get(channel)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hub.layer, name)

    def __repr__(self) -> str:
        return f"<{self._hub.layer!r} through the hub of {self._member.channel_name}>"
