"""Consumers under Starlette's own ``TestClient``, which makes an event loop for each socket and cancels its task."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.routing import WebSocketRoute

from tests.starlette.consumers import ChatConsumer

PONG = {"action": "pong", "payload": None}


def test_sockets_on_loops_of_their_own_hear_each_other_and_end():
    pytest.importorskip("httpx2", reason="Starlette's TestClient needs httpx2")
    from fastapi.testclient import TestClient

    client = TestClient(FastAPI(routes=[WebSocketRoute("/ws/{room_id}/chat", ChatConsumer.as_asgi())]))
    for _ in range(20):
        with client.websocket_connect("/ws/red/chat") as one, client.websocket_connect("/ws/red/chat") as two:
            for each in (one, two):
                each.send_json({"action": "ping"})
                assert each.receive_json() == PONG
            one.send_json({"action": "say", "payload": {"text": "hello"}})
            for each in (one, two):
                assert each.receive_json()["payload"] == {"text": "hello", "room_id": "red"}
