"""Tells a test what is not done yet of what connections of this event loop were given to do. It changes nothing.

The test puts a :class:`Watch` into its connection's scope, and asks. Nothing is counted or noted for messages: what is
under way is read from the connections themselves, when it is asked for. Only channel events sent straight to one
connection over a layer outside this process are noted, and only while a test watches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chanspec.runtime.connection import Connection
from chanspec.runtime.hub import Hub, hubs_here

if TYPE_CHECKING:
    from chanspec.runtime.plan import Plan

KEY = "chanspec.watch"
"""Where a scope has its :class:`Watch`."""


@dataclass(slots=True, eq=False)
class Watch:
    """What a test wants to know of its connection, and to change.

    Attributes:
        settings: Some of ``RuntimeSettings``, for this connection only; they go before the consumer's attributes.
        connection: The connection, as soon as a typed consumer serves it.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    connection: Connection | None = None

    @property
    def plan(self) -> Plan | None:
        """What the consumer does by, once it serves the connection."""
        return None if self.connection is None else self.connection.plan

    @property
    def is_authenticated(self) -> bool:
        """Whether the client was let in. What serves the connection lets everybody in if it is no typed consumer."""
        return self.connection is None or self.connection._begun


def watch_hubs(is_watched: bool) -> None:
    """Have hubs note events to one connection, which nothing else shows while they are on a layer."""
    Hub.is_watched = is_watched


def unfinished(own: Connection | None) -> Iterator[str]:
    """Say what is still under way on this event loop, one line for each; nothing where all is done.

    Args:
        own: The connection of which everything counts. Of the others it is what may have come from this one: channel
            events, and frames on their way to the clients. Their own clients' messages do not count.
    """
    if own is not None:
        yield from _own(own)
    for hub in hubs_here():
        yield from _on_layer(hub)
        for member in list(hub.members.values()):
            if isinstance(member, Connection) and member is not own:
                yield from _passed_on(member)


def _own(connection: Connection) -> Iterator[str]:
    where = connection.plan.where
    if connection._task is None or not connection.is_open:
        yield f"{where} is ending"
        return
    if connection._context is None:
        yield f"{where} is still connecting"
    elif connection._handling:
        yield f"{where} is handling a message"
    if connection._waiting:
        yield f"{where} has {len(connection._waiting)} more frame(s) to handle"
    if connection._tasks:
        yield f"{where} is running {len(connection._tasks)} concurrent handler(s)"
    yield from _passed_on(connection)


def _passed_on(connection: Connection) -> Iterator[str]:
    """What others may have given a connection to do."""
    where, events, outbox = connection.plan.where, connection._events, connection.outbox
    if events is not None and connection._context is not None and connection.is_open and events.count:
        yield f"{where} has {events.count} channel event(s) to handle"
    if not outbox.rests:
        yield f"{where} has frames on their way to its client"


def _on_layer(hub: Hub) -> Iterator[str]:
    for subscription in hub.subscriptions.values():
        if subscription.members and subscription.awaited:
            yield f"{subscription.awaited} message(s) to group {subscription.group!r} are on the channel layer"
    if hub.awaited:
        yield f"{len(hub.awaited)} channel event(s) to one connection are on the channel layer"
