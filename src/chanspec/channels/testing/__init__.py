"""Tests of consumers on Django: a communicator, and a test case that finds the project's consumers by itself."""

from chanspec.channels.testing.case import WebsocketTestCase
from chanspec.channels.testing.communicator import DjangoWebsocketCommunicator, websocket_application

__all__ = ["DjangoWebsocketCommunicator", "WebsocketTestCase", "websocket_application"]
