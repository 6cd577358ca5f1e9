"""Sending to others than the own client: broadcasts to groups, and channel events from anywhere in the server."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic
from weakref import WeakSet

from pydantic import BaseModel
from pydantic_core import from_json
from typing_extensions import TypeVar

from chanspec.messages import BaseChannelEvent, BaseMessage
from chanspec.runtime.codec import encode_event
from chanspec.runtime.hub import broadcast_event_sync, hub_for, send_event_sync
from chanspec.runtime.log import logger, shown
from chanspec.runtime.witness import witness_of

if TYPE_CHECKING:
    from chanspec.runtime.connection import Connection

Event = TypeVar("Event", bound=BaseMessage | BaseChannelEvent, default=Any)
"""What a consumer's ``send_event`` and ``broadcast_event`` take. It is for type checkers only."""

Groups = Collection[str] | str | None

_told: WeakSet[type] = WeakSet()
"""The classes whose wrong channel name was logged."""


class Sending(Generic[Event]):
    """The part of a consumer that reaches other connections."""

    groups: Any
    extra_groups: Any
    _connection: Connection
    _extra_groups: ClassVar[tuple[str, ...]]

    @classmethod
    def get_channel_layer(cls) -> Any:
        """The channel layer, or None where there is none."""
        raise NotImplementedError

    async def broadcast_message(
        self, message: BaseModel | Mapping[str, Any], groups: Groups = None, *, exclude_current: bool = False
    ) -> None:
        """Send a message to the clients of every connection in some groups. It is encoded once, by this consumer.

        Args:
            message: A message, or JSON of any shape.
            groups: Names; ``self.groups`` and ``self.extra_groups`` by default.
            exclude_current: Whether this connection's client does not get it.

        Raises:
            RuntimeError: There is no channel layer.
            ValueError: The message holds what JSON cannot, such as NaN; or this connection is behind a
                ``ContractMiddleware`` in mode ``"error"``, and the message is not as the contract says.
        """
        connection = self._connection
        codec = connection.plan.codec
        if connection.hub is None:
            raise RuntimeError(_no_layer(type(self)))
        if not isinstance(message, BaseModel):
            if connection.plan.undeclared is not None:
                connection.plan.undeclared.sent(message)
            text = await self.encode_json(message)  # type: ignore[attr-defined]
        elif connection.writes_through_hooks:
            text = await self.encode_json(from_json(codec.encode(message)))  # type: ignore[attr-defined]
        else:
            text = codec.encode(message)
        if connection.logs and isinstance(message, BaseModel):
            connection.log("broadcast", codec.names.get(type(message), ""), text)
        if (witness := witness_of(connection.scope)) is not None:
            witness.broadcasts(text)
        names = _names([*(self.groups or ()), *(self.extra_groups or ())] if groups is None else groups)
        await connection.hub.broadcast(names, text, exclude=connection if exclude_current else None)

    @classmethod
    async def send_event(cls, event: Event, channel_name: str) -> None:
        """Send a channel event to one connection, from a coroutine.

        Args:
            event: For an ``@event_handler`` of this class.
            channel_name: The connection's ``channel_name``. A name of one's own belongs to no connection, which is
                logged; for all connections of a user there are groups.
        """
        cls._tell_of(channel_name)
        await hub_for(cls._layer()).send_event(channel_name, encode_event(event))

    @classmethod
    def send_event_sync(cls, event: Event, channel_name: str) -> None:
        """Like ``send_event``, from code without a running event loop, in any thread.

        Args:
            event: For an ``@event_handler`` of this class.
            channel_name: The connection's ``channel_name``.

        Raises:
            RuntimeError: There is a running event loop in this thread, or no channel layer.
        """
        cls._tell_of(channel_name)
        send_event_sync(cls._layer(), channel_name, encode_event(event))

    @classmethod
    async def broadcast_event(cls, event: Event, groups: Groups = None) -> None:
        """Send a channel event to every connection in some groups, from a coroutine.

        Args:
            event: For an ``@event_handler`` of this class.
            groups: Names; the class's ``groups`` and ``extra_groups`` by default.

        Raises:
            RuntimeError: There is no channel layer.
            Exception: The layer's own, if it cannot be reached.

        Example:
            >>> await ChatConsumer.broadcast_event(NewsEvent(payload="rain"), groups=["room"])
        """
        await hub_for(cls._layer()).broadcast_event(cls._names(groups), encode_event(event))

    @classmethod
    def broadcast_event_sync(cls, event: Event, groups: Groups = None) -> None:
        """Like ``broadcast_event``, from code without a running event loop, in any thread.

        Args:
            event: For an ``@event_handler`` of this class.
            groups: Names; the class's ``groups`` and ``extra_groups`` by default.

        Raises:
            RuntimeError: There is a running event loop in this thread, or no channel layer.

        Example:
            >>> ChatConsumer.broadcast_event_sync(NewsEvent(payload="rain"), groups=["room"])
        """
        broadcast_event_sync(cls._layer(), cls._names(groups), encode_event(event))

    @classmethod
    def _tell_of(cls, channel_name: str) -> None:
        """Log, once for a class, a name that no layer gives a connection: theirs have a ``!`` in them."""
        if "!" not in channel_name and cls not in _told:
            _told.add(cls)
            logger.warning(
                "%s:%s sends an event to %s, which is the channel_name of no connection, so none of them gets it. "
                "To reach all connections of a user, have each join a group in post_authentication, and write "
                "`broadcast_event(event, groups=[…])`.",
                cls.__module__,
                cls.__qualname__,
                shown(channel_name),
            )

    @classmethod
    def _names(cls, groups: Groups) -> list[str]:
        if groups is not None:
            return _names(groups)
        if not isinstance(own := cls.groups or (), Collection):
            where = f"{cls.__module__}:{cls.__qualname__}.groups"
            raise TypeError(f"{where} is a property, which only a connection has; pass groups=[...]")
        return _names([*own, *cls._extra_groups])

    @classmethod
    def _layer(cls) -> Any:
        layer = cls.get_channel_layer()
        if layer is None:
            raise RuntimeError(_no_layer(cls))
        return layer


def _names(groups: Collection[str] | str) -> list[str]:
    return [groups] if isinstance(groups, str) else list(dict.fromkeys(groups))


def _no_layer(consumer: type) -> str:
    return f"{consumer.__module__}:{consumer.__qualname__} has no channel layer to reach others by; configure one"
