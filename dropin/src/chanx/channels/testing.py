"""Tools for tests of Django projects."""

from chanspec.channels.testing import DjangoWebsocketCommunicator, WebsocketTestCase
from chanspec.testing import WebsocketCommunicator

__all__ = ["DjangoWebsocketCommunicator", "WebsocketCommunicator", "WebsocketTestCase"]
