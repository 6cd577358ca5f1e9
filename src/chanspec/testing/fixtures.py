"""What the pytest fixtures hand to tests. The plugin imports it when a test asks for one."""

from __future__ import annotations

import sys
from collections.abc import Generator
from importlib import import_module
from types import TracebackType
from typing import Any

from chanspec.testing.communicator import WebsocketCommunicator
from chanspec.testing.tracking import Tracker


class WsConnect:
    """Opens connections for one test; the fixture ``ws_connect``.

    What is opened with ``await ws_connect(…)`` is ended when the test ends, in its event loop. On Django the
    communicators are :class:`chanspec.channels.testing.DjangoWebsocketCommunicator`.
    """

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker

    def __call__(self, application: Any, path: str | None = None, **options: Any) -> Connecting:
        """Prepare a connection, to be awaited or entered with ``async with``.

        Args:
            application: An ASGI application or a consumer class. On Django it may be left out: the path comes first
                then, and the application is the one that ``ASGI_APPLICATION`` names.
            path: The path, with a query if need be; ``/`` by default.
            options: Those of :class:`chanspec.testing.WebsocketCommunicator`.
        """
        django = _django()
        if isinstance(application, str):
            if path is not None or django is None:
                raise TypeError("ws_connect(application, path) takes an ASGI application or a consumer class first")
            path, application = application, django.websocket_application()
        cls: type[WebsocketCommunicator] = django.DjangoWebsocketCommunicator if django else WebsocketCommunicator
        return Connecting(cls(application, "/" if path is None else path, **options), self._tracker)


class Connecting:
    """A connection that is about to be opened."""

    def __init__(self, communicator: WebsocketCommunicator, tracker: Tracker) -> None:
        self._communicator = communicator
        self._tracker = tracker

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"ws_connect(…) is not open yet, and has no {name}; "
            "write `communicator = await ws_connect(…)`, or `async with ws_connect(…) as communicator:`"
        )

    def __await__(self) -> Generator[Any, None, WebsocketCommunicator]:
        return self._open().__await__()

    async def _open(self) -> WebsocketCommunicator:
        self._communicator.tracked_by(self._tracker)
        await self._communicator.connect()
        return self._communicator

    async def __aenter__(self) -> WebsocketCommunicator:
        return await self._communicator.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._communicator.__aexit__(kind, error, traceback)


def _django() -> Any:
    """The helpers for Django, where a Django project with Channels is being tested. No other process imports them."""
    settings = getattr(sys.modules.get("django.conf"), "settings", None)
    if settings is None or not settings.configured or "channels" not in sys.modules:
        return None
    return import_module("chanspec.channels.testing")
