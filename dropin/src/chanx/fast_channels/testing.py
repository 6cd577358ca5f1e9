"""Tools for tests of FastAPI and Starlette applications."""

from chanspec.testing import WebsocketCommunicator

__all__ = ["WebsocketCommunicator"]
