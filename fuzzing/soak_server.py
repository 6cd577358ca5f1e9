"""The server of the soak: a room behind uvicorn that also says, at ``/figures``, what it holds.

Arguments: the kind of layer, the Redis URL (unused in memory), the port and the event loop.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import uvicorn
from pydantic import BaseModel

from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage
from chanspec.runtime.authenticator import BaseAuthenticator, Credential
from chanspec.runtime.consumer import Consumer
from chanspec.runtime.hub import hubs_here
from chanspec.runtime.layers import register_layer


class Text(BaseModel):
    client: str
    number: int
    text: str = ""


class Echo(BaseMessage):
    action: Literal["echo"] = "echo"
    payload: Text


class Echoed(BaseMessage):
    action: Literal["echoed"] = "echoed"
    payload: Text


class Say(BaseMessage):
    action: Literal["say"] = "say"
    payload: Text


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: Text


class Failed(BaseMessage):
    action: Literal["failed"] = "failed"
    payload: str


class SaysWho(BaseAuthenticator):
    credentials = [Credential("name", "query")]

    async def authenticate(self) -> bool:
        await asyncio.sleep(0)
        return self.get_query_param("name") is not None


class Room(Consumer[Any]):
    """Everybody is in one group: ``say`` goes to all, ``echo`` is answered."""

    groups = ["room"]
    authenticator_class = SaysWho
    send_authentication_message = False
    log_websocket_message = False

    @ws_handler
    async def echo(self, message: Echo) -> Echoed:
        return Echoed(payload=message.payload)

    @ws_handler(output_type=Said)
    async def say(self, message: Say) -> Failed | None:
        try:
            await self.broadcast_message(Said(payload=message.payload))
        except Exception as error:  # the layer cannot be reached, and who speaks is told
            return Failed(payload=type(error).__name__)
        return None


def figures() -> dict[str, Any]:
    """What this process holds."""
    gc.collect()
    kinds = Counter(f"{type(each).__module__}.{type(each).__qualname__}" for each in gc.get_objects())
    hubs = hubs_here()
    return {
        "rss": int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
        "tasks": len(asyncio.all_tasks()),
        "files": len(os.listdir("/proc/self/fd")),
        "members": sum(len(hub.members) for hub in hubs),
        "lost": sum(hub.losses.total for hub in hubs),
        "objects": dict(kinds),
    }


room = Room.as_asgi()


async def app(scope: Any, receive: Any, send: Any) -> None:
    """The room, and its figures over HTTP."""
    if scope["type"] == "websocket":
        await room(scope, receive, send)
        return
    body = json.dumps(figures()).encode()
    headers = [(b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main(kind: str, url: str, port: int, loop: str) -> None:
    if kind != "memory":
        from tests.hub.conftest import REDIS

        register_layer("default", REDIS[kind](hosts=[url], capacity=10_000))
        # Redis is stopped and its connections are killed. chanspec warns of that, and the layers log tracebacks.
        logging.getLogger("chanspec.layer").setLevel(logging.ERROR)
        for name in ("channels_redis", "fast_channels"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", lifespan="off", ws_ping_interval=None, loop=loop)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
