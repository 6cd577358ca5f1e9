"""Messages of clients that consumers of every project may take."""

from chanspec.messages import PingMessage

__all__ = ["PingMessage"]
