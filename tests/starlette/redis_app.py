"""A FastAPI application whose consumers share a Redis, run as a process: ``python -m tests.starlette.redis_app``.

$LAYER is the layer's class, ``module:Class``; $REDIS the server's URL. It prints its port.
"""

from __future__ import annotations

import importlib
import os
import socket
import sys

import uvicorn
from fastapi import FastAPI
from starlette.routing import WebSocketRoute

from chanspec.runtime.layers import register_layer
from tests.starlette.consumers import AlarmEvent, ChatConsumer, Line

module, _, name = os.environ["LAYER"].partition(":")
register_layer("default", getattr(importlib.import_module(module), name)(hosts=[os.environ["REDIS"]]))

app = FastAPI(routes=[WebSocketRoute("/ws/{room_id}/chat", ChatConsumer.as_asgi())])


@app.get("/imported")
def imported() -> list[str]:
    return sorted({name.partition(".")[0] for name in sys.modules} & {"django", "channels"})


@app.get("/alarm/{room_id}")
def alarm(room_id: str) -> None:
    ChatConsumer.broadcast_event_sync(AlarmEvent(payload=Line(text="fire")), groups=[f"room_{room_id}"])


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off")).run(sockets=[listening])
