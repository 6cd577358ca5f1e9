"""The client's end of a connection to a Django project's consumers, for tests."""

from __future__ import annotations

from typing import Any

from chanspec.channels.conf import settings
from chanspec.channels.testing import plain
from chanspec.channels.utils.asgi import get_websocket_application
from chanspec.testing.communicator import WebsocketCommunicator
from chanspec.testing.settling import readers

__all__ = ["DjangoWebsocketCommunicator", "websocket_application"]


class DjangoWebsocketCommunicator(WebsocketCommunicator):
    """A :class:`chanspec.testing.WebsocketCommunicator` that knows Django's settings and Channels' own consumers.

    Names of fields, completion signals and the authentication message are as ``CHANSPEC`` says. ``settled`` holds for
    the consumers of Channels' own as far as its description says.

    Example:
        >>> async with DjangoWebsocketCommunicator(application, "/ws/chat/") as communicator:
        ...     await communicator.assert_authenticated_status_ok()
    """

    def _expects_authentication(self) -> bool:
        plan = self._watch.plan
        return settings.SEND_AUTHENTICATION_MESSAGE if plan is None else plan.settings.send_authentication_message


def websocket_application() -> Any:
    """What ``ASGI_APPLICATION`` serves WebSockets with, all middleware included.

    Raises:
        ValueError: It serves none, is not set, or cannot be imported.
    """
    application = get_websocket_application()
    if application is None:
        raise ValueError(
            "ASGI_APPLICATION serves no WebSockets; give its ProtocolTypeRouter a 'websocket' entry, or pass an "
            "application to the test"
        )
    return application


readers.setdefault("channels", plain.work_left)
