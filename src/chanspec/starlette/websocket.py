"""The typed consumer for FastAPI, Starlette and any ASGI server. What it does is in :mod:`chanspec.runtime.consumer`.

It is routed as any ASGI application is:

    app = FastAPI(routes=[WebSocketRoute("/ws/{room_id}/chat", ChatConsumer.as_asgi())])
    app.router.routes.append(WebSocketRoute("/ws/{room_id}/chat", ChatConsumer.as_asgi()))
    router = APIRouter(routes=[WebSocketRoute("/ws/{room_id}/chat", ChatConsumer.as_asgi())])
    Starlette(routes=[Mount("/ws", routes=[WebSocketRoute("/{room_id}/chat", ChatConsumer.as_asgi())])])

FastAPI puts the ``prefix`` of ``include_router`` before such a route, and leaves out that of the ``APIRouter`` itself.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Generic

from chanspec.runtime.connection import Receive
from chanspec.runtime.consumer import Consumer
from chanspec.runtime.outbox import Send
from chanspec.runtime.sending import Event
from chanspec.runtime.settings import RuntimeSettings
from chanspec.starlette import settings

__all__ = ["AsyncJsonWebsocketConsumer", "ConsumerApplication"]


class ConsumerApplication:
    """An ASGI application that makes a consumer for each connection.

    ``as_asgi()`` makes it. It is an object, because Starlette's routes take a function for an endpoint that wants a
    ``WebSocket``.

    Args:
        consumer_class: The class.
        initkwargs: Arguments of its ``__init__``.

    Attributes:
        consumer_class: The class.
        consumer_initkwargs: Arguments of its ``__init__``.
    """

    def __init__(self, consumer_class: type[Consumer[Any]], initkwargs: dict[str, Any]) -> None:
        self.consumer_class = consumer_class
        self.consumer_initkwargs = initkwargs
        self.__name__ = consumer_class.__name__  # Starlette names the route by it
        self.__doc__ = consumer_class.__doc__

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        scope.setdefault("path_params", {})  # a server or router that has none sets none
        await self.consumer_class(**self.consumer_initkwargs)(scope, receive, send)

    def __repr__(self) -> str:
        return f"{self.consumer_class.__module__}:{self.consumer_class.__qualname__}.as_asgi()"


class AsyncJsonWebsocketConsumer(Consumer[Event], Generic[Event]):
    """Serves WebSocket connections with a handler for each class of message.

    ``self.scope["path_params"]`` has the parameters of the route. The channel layer is the one registered under
    ``channel_layer_alias`` (:func:`chanspec.runtime.layers.register_layer`); the one called ``default`` is in memory
    until another is registered. Settings are those of :func:`chanspec.starlette.settings.configure`, and class
    attributes go before them.

    Example:
        >>> @channel(name="chat", description="Rooms where people talk")
        ... class ChatConsumer(AsyncJsonWebsocketConsumer):
        ...     @ws_handler
        ...     async def handle_ping(self, message: PingMessage) -> PongMessage:
        ...         return PongMessage()
    """

    @classmethod
    def as_asgi(cls, **initkwargs: Any) -> ConsumerApplication:
        """Return an ASGI application that makes an instance for each connection.

        Args:
            initkwargs: Arguments of ``__init__``.
        """
        return ConsumerApplication(cls, initkwargs)

    @classmethod
    def runtime_settings(cls) -> RuntimeSettings:
        """What ``configure`` was told; class attributes go before it."""
        return settings.current()
