"""What the consumers of both frameworks derive from."""

from chanspec.runtime.consumer import Consumer as ChanxWebsocketConsumerMixin

__all__ = ["ChanxWebsocketConsumerMixin"]
