"""Counts the hops from the event loop to a thread, of whatever code, in a server process."""

from __future__ import annotations

from typing import Any

from asgiref.sync import SyncToAsync

count = 0
_hop = SyncToAsync.__call__


async def _counted(self: SyncToAsync[..., Any], *args: Any, **kwargs: Any) -> Any:
    global count
    count += 1
    return await _hop(self, *args, **kwargs)


def install() -> None:
    """Count from now on."""
    SyncToAsync.__call__ = _counted  # type: ignore[method-assign]
