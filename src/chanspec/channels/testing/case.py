"""A test case of Django's for consumers: it finds the application, makes communicators, and ends their connections."""

from __future__ import annotations

import inspect
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.test import TransactionTestCase

from chanspec.channels.testing.communicator import DjangoWebsocketCommunicator, websocket_application
from chanspec.testing.enforcing import Mode
from chanspec.testing.scopes import Headers
from chanspec.testing.tracking import Tracker, tracked

__all__ = ["WebsocketTestCase"]


class WebsocketTestCase(TransactionTestCase):
    """Tests consumers as they are routed by ``ASGI_APPLICATION``, with its middleware.

    A connection that a test leaves open is ended in the test's own event loop, before ``tearDown``, and the test is
    told so by an :class:`chanspec.testing.UnclosedCommunicatorWarning`.

    Attributes:
        ws_path: The path that is tested.
        router: The application; by default what ``ASGI_APPLICATION`` serves WebSockets with.
        consumer: The class whose messages are received. Typed consumers are found by themselves.
        contract: What happens if the application breaks its contract; see the communicator.
        ws_headers: What ``get_ws_headers`` returned for this test.
        subprotocols: What ``get_subprotocols`` returned.

    Example:
        >>> class TestChat(WebsocketTestCase):
        ...     ws_path = "/ws/chat/"
        ...
        ...     async def test_ping(self) -> None:
        ...         async with self.auth_communicator as communicator:
        ...             await communicator.assert_authenticated_status_ok()
        ...             await communicator.send_message(PingMessage())
        ...             assert await communicator.receive_all_messages() == [PongMessage()]
    """

    ws_path: str = ""
    consumer: type | None = None
    contract: Mode = "error"
    ws_headers: Headers
    subprotocols: list[str]
    _communicators: list[DjangoWebsocketCommunicator]

    if TYPE_CHECKING:
        router: Any
    else:

        @cached_property
        def router(self) -> Any:
            return websocket_application()

    def get_ws_headers(self) -> Headers:
        """Headers of the handshake, as for authentication; override it."""
        return []

    def get_subprotocols(self) -> list[str]:
        """Subprotocols that the client offers (RFC 6455, 1.9); override it."""
        return []

    def setUp(self) -> None:
        """Ask for headers and subprotocols."""
        super().setUp()
        self.ws_headers = self.get_ws_headers()
        self.subprotocols = self.get_subprotocols()
        self._communicators = []

    def tearDown(self) -> None:
        """Forget the communicators; their connections are ended already."""
        self._communicators = []
        super().tearDown()

    def create_communicator(
        self,
        *,
        router: Any | None = None,
        ws_path: str | None = None,
        headers: Headers | None = None,
        subprotocols: list[str] | None = None,
        **options: Any,
    ) -> DjangoWebsocketCommunicator:
        """Return a communicator that is not connected yet; make one for each user of a test.

        Args:
            router: The application; ``self.router`` by default.
            ws_path: The path; ``self.ws_path`` by default.
            headers: ``self.ws_headers`` by default.
            subprotocols: ``self.subprotocols`` by default.
            options: Others of :class:`chanspec.testing.WebsocketCommunicator`.

        Raises:
            AttributeError: There is no path.
            ValueError: The project serves no WebSockets.
        """
        path = ws_path or self.ws_path
        if not path:
            where = f"{type(self).__module__}:{type(self).__qualname__}"
            raise AttributeError(f'{where} has no ws_path; write `ws_path = "/ws/…/"`, or pass `ws_path=`')
        options.setdefault("consumer", self.consumer)
        options.setdefault("contract", self.contract)
        communicator = DjangoWebsocketCommunicator(
            router if router is not None else self._router(),
            path,
            headers=self.ws_headers if headers is None else headers,
            subprotocols=self.subprotocols if subprotocols is None else subprotocols,
            **options,
        )
        self._communicators.append(communicator)
        return communicator

    @property
    def auth_communicator(self) -> DjangoWebsocketCommunicator:
        """The test's first communicator, made when it is first asked for. It is not connected yet: see ``connect``."""
        if not self._communicators:
            self.create_communicator()
        return self._communicators[0]

    def _router(self) -> Any:
        # What Channels' as_asgi() returns is a function, which `self.router` would make a method of.
        router = inspect.getattr_static(self, "router")
        found = router if inspect.isfunction(router) else self.router
        return websocket_application() if found is None else found

    def __call__(self, result: Any = None) -> None:
        self._track()
        super().__call__(result)

    def debug(self) -> None:
        self._track()
        super().debug()

    def _track(self) -> None:
        """Have the test end its connections itself: Django gives each async method an event loop of its own."""
        test = getattr(self, self._testMethodName)
        if inspect.iscoroutinefunction(test):
            code = inspect.unwrap(test).__code__
            tracker = Tracker(self.id(), (code.co_filename, code.co_firstlineno))
            setattr(self, self._testMethodName, tracked(test, tracker))
