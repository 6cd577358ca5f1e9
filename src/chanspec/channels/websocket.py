"""Typed consumers on Django Channels: the runtime's consumer with Django's settings, layers, routes and databases."""

from __future__ import annotations

from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, ClassVar

from channels.exceptions import StopConsumer
from channels.layers import get_channel_layer
from django.conf import settings as django_settings
from django.core.signals import setting_changed

from chanspec.channels.apps import tell_if_missing
from chanspec.channels.conf import LIMITS, NAMES, Settings, settings
from chanspec.channels.database import DatabaseCare
from chanspec.runtime.consumer import Consumer
from chanspec.runtime.plan import HandlerCare
from chanspec.runtime.sending import Event
from chanspec.runtime.settings import CHOICES, RuntimeSettings

__all__ = ["AsyncJsonWebsocketConsumer"]


class AsyncJsonWebsocketConsumer(Consumer[Event]):
    """Serves WebSocket connections with a handler for each class of message.

    Route it as any Channels consumer, by ``as_asgi()``. The parameters of its route are in ``scope["path_params"]``,
    as on other frameworks, and in ``scope["url_route"]["kwargs"]``, as on Channels. ``CHANSPEC`` holds the defaults
    of its attributes, and ``CHANNEL_LAYERS`` its layers.

    Example:
        >>> @channel(name="chat")
        ... class ChatConsumer(AsyncJsonWebsocketConsumer):
        ...     @ws_handler
        ...     async def handle_ping(self, message: PingMessage) -> PongMessage:
        ...         return PongMessage()
    """

    handler_care: ClassVar[HandlerCare | None] = DatabaseCare()
    _project: ClassVar[Settings] = settings
    _ends_with: ClassVar[type[Exception] | None] = StopConsumer
    _sync = False  # as Channels' async consumers have it

    def __init_subclass__(cls, **kwargs: Any) -> None:
        is_told = any("discriminator_field" in vars(base) for base in cls.__mro__ if base not in Consumer.__mro__)
        if not is_told and "_project" not in vars(cls):  # a class with settings of its own is a base for consumers
            cls.discriminator_field = cls._project.MESSAGE_ACTION_KEY
        super().__init_subclass__(**kwargs)

    def _complete(self, scope: MutableMapping[str, Any]) -> None:
        scope.setdefault("path_params", dict(scope.get("url_route", {}).get("kwargs", {})))

    @classmethod
    def runtime_settings(cls) -> RuntimeSettings:
        """The project's settings."""
        return _runtime_settings(cls._project)

    @classmethod
    def get_channel_layer(cls) -> Any:
        """The layer that ``CHANNEL_LAYERS`` has under the class's alias; None where it has none."""
        return get_channel_layer(cls.channel_layer_alias)


@lru_cache(maxsize=4)
def _runtime_settings(settings: Settings) -> RuntimeSettings:
    logs_undeclared = settings.LOG_UNDECLARED_MESSAGES
    return RuntimeSettings(
        send_completion=settings.SEND_COMPLETION,
        send_message_immediately=settings.SEND_MESSAGE_IMMEDIATELY,
        send_authentication_message=settings.SEND_AUTHENTICATION_MESSAGE,
        camelize=settings.CAMELIZE,
        log_websocket_message=settings.LOG_WEBSOCKET_MESSAGE,
        log_ignored_actions=frozenset(settings.LOG_IGNORED_ACTIONS),
        log_undeclared_messages=bool(django_settings.DEBUG if logs_undeclared is None else logs_undeclared),
        **{name: getattr(settings, name.upper()) for name in (*LIMITS, *CHOICES)},
    )


def _forget(*, setting: str, **_: Any) -> None:
    if setting in NAMES or setting == "DEBUG":
        _runtime_settings.cache_clear()


setting_changed.connect(_forget)
tell_if_missing()
