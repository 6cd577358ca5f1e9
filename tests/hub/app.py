"""A server process for tests: a room and an echo behind uvicorn, over one kind of layer.

Arguments: the kind of layer, the Redis URL (unused in memory) and the port.
"""

from __future__ import annotations

import sys
from typing import Any, Literal

import uvicorn

from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage
from chanspec.runtime.consumer import Consumer
from chanspec.runtime.layers import register_layer


class Say(BaseMessage):
    action: Literal["say"] = "say"
    payload: str


class Echo(BaseMessage):
    action: Literal["echo"] = "echo"
    payload: str


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: str


class Echoed(BaseMessage):
    action: Literal["echoed"] = "echoed"
    payload: str


class Failed(BaseMessage):
    action: Literal["failed"] = "failed"
    payload: str


class Room(Consumer[Any]):
    """Everybody is in one group: ``say`` goes to all, ``echo`` is answered."""

    groups = ["room"]
    log_websocket_message = False

    @ws_handler
    async def say(self, message: Say) -> Failed | None:
        try:
            await self.broadcast_message(Said(payload=message.payload))
        except Exception as error:  # the layer cannot be reached, and who speaks is told
            return Failed(payload=type(error).__name__)
        return None

    @ws_handler
    async def echo(self, message: Echo) -> Echoed:
        return Echoed(payload=message.payload)


def main(kind: str, url: str, port: int) -> None:
    if kind != "memory":
        from tests.hub.conftest import REDIS

        # Room for all that the tests say: a full queue layer drops what comes, which is not what they look at.
        register_layer("default", REDIS[kind](hosts=[url], capacity=10_000))
    # No pings: clients that read slowly because the machine is busy would not answer them in time.
    uvicorn.run(Room.as_asgi(), host="127.0.0.1", port=port, log_level="warning", lifespan="off", ws_ping_interval=None)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
