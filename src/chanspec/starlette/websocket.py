"""The typed consumer for FastAPI, Starlette and any ASGI server. What it does is in :mod:`chanspec.runtime.consumer`.

It is routed as a function is, or as any ASGI application:

    app.websocket("/ws/{room_id}/chat")(ChatConsumer.as_asgi())
    router.add_api_websocket_route("/ws/{room_id}/chat", ChatConsumer.as_asgi())
    Starlette(routes=[Mount("/ws", routes=[WebSocketRoute("/{room_id}/chat", ChatConsumer.as_asgi())])])

The first two are FastAPI's: it solves what ``__init__`` takes, and the dependencies of routers run. Behind a
``WebSocketRoute`` or a ``Mount`` of Starlette's neither happens, and the ``prefix`` of an ``APIRouter`` is left out.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic

from chanspec.runtime.consumer import Consumer
from chanspec.runtime.sending import Event
from chanspec.runtime.settings import RuntimeSettings
from chanspec.starlette import settings
from chanspec.starlette.dependencies import (
    SOLVED,
    Endpoint,
    annotations_of,
    check_methods,
    needs_of,
    signature_of,
    unsolved,
)

__all__ = ["AsyncJsonWebsocketConsumer", "ConsumerApplication"]


class ConsumerApplication(Endpoint):
    """An ASGI application that makes a consumer for each connection; for FastAPI, the endpoint of a WebSocket too.

    ``as_asgi()`` makes it. It is an object, because Starlette's routes take a function for an endpoint that wants a
    ``WebSocket``.

    Args:
        consumer_class: The class.
        initkwargs: Arguments of its ``__init__``. Those that are missing FastAPI fills in.

    Attributes:
        consumer_class: The class.
        consumer_initkwargs: Arguments of its ``__init__``.
        needs: The parameters of its ``__init__`` that FastAPI alone can fill in.
    """

    def __init__(self, consumer_class: type[Consumer[Any]], initkwargs: dict[str, Any]) -> None:
        self.consumer_class = consumer_class
        self.consumer_initkwargs = initkwargs
        self.__name__ = consumer_class.__name__  # Starlette names the route by it
        self.__doc__ = consumer_class.__doc__
        self.needs = needs_of(consumer_class, initkwargs)

    async def __call__(self, scope: Any, receive: Any = None, send: Any = None, **solved: Any) -> None:
        """Serve a connection.

        Args:
            scope: As ASGI has it; or the ``WebSocket``, where this is the endpoint of ``app.websocket``.
            receive: As ASGI has it; FastAPI passes none.
            send: Likewise.
            solved: What FastAPI solved.

        Raises:
            TypeError: ``__init__`` has dependencies, and it is not FastAPI that calls.
        """
        if not isinstance(scope, MutableMapping):
            connection = self.connection(scope, solved)
            if connection is None:
                return
            scope, receive, send = connection
        scope.setdefault("path_params", {})  # a server or router that has none sets none
        given = scope.pop(SOLVED, {})
        if missing := [name for name in self.needs if name not in given]:
            raise TypeError(str(unsolved(self.consumer_class, missing[0])))
        await self.consumer_class(**self.consumer_initkwargs, **given)(scope, receive, send)

    def __repr__(self) -> str:
        return f"{self.consumer_class.__module__}:{self.consumer_class.__qualname__}.as_asgi()"


class _Signature:
    """The ``__signature__`` of a class: what FastAPI is to call it with where the class itself is the endpoint."""

    def __get__(self, instance: Any, owner: type) -> inspect.Signature:
        if instance is not None:
            raise AttributeError("__signature__")
        return signature_of(owner, {})


class AsyncJsonWebsocketConsumer(Consumer[Event], Generic[Event]):
    """Serves WebSocket connections with a handler for each class of message.

    ``self.scope["path_params"]`` has the parameters of the route. Routed by FastAPI (``app.websocket``), ``__init__``
    takes what a function there may take: dependencies, which are released when the connection ends, and parameters of
    the path, the query, headers and cookies. The channel layer is the one registered under
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

    _init_annotations: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        check_methods(cls, AsyncJsonWebsocketConsumer)
        super().__init_subclass__(**kwargs)
        cls._init_annotations = annotations_of(cls)

    if not TYPE_CHECKING:  # type checkers have no word for what makes something else
        __signature__ = _Signature()

        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            """Make an instance; or serve a connection, where the class itself is what was routed."""
            by_starlette = len(args) == 3 and isinstance(args[0], Mapping) and "type" in args[0]
            if by_starlette or hasattr(kwargs.get("scope"), "application_state"):
                return cls.as_asgi()(*args, **kwargs)
            return super().__new__(cls)

    @classmethod
    def as_asgi(cls, **initkwargs: Any) -> ConsumerApplication:
        """Return an ASGI application that makes an instance for each connection.

        Args:
            initkwargs: Arguments of ``__init__``. Where FastAPI routes the application, it fills in the others.
        """
        return ConsumerApplication(cls, initkwargs)

    @classmethod
    def runtime_settings(cls) -> RuntimeSettings:
        """What ``configure`` was told; class attributes go before it."""
        return settings.current()
