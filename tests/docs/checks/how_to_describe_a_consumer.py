"""What is written, and that the consumer does as it did."""

from pathlib import Path

import yaml
from chat.legacy import BarConsumer
from fastapi.testclient import TestClient
from talk import app


def test_the_document() -> None:
    document = yaml.safe_load(Path("bar.yaml").read_text())
    assert document["operations"].keys() == {"order", "cancel", "order_taken"}
    assert len(document["operations"]["order"]["reply"]["messages"]) == 2
    assert document["operations"]["cancel"]["x-deprecated"] is True


async def test_the_consumer(ws_connect) -> None:
    client = await ws_connect(BarConsumer)
    await client.send_json_to({"action": "order", "drink": "tea"})
    assert await client.receive_json_from() == {"type": "order.taken", "number": 7, "drink": "tea"}
    await client.send_json_to({"action": "cancel", "number": 7})
    assert (await client.receive_json_from())["type"] == "order.refused"


def test_the_function() -> None:
    (described,) = yaml.safe_load(Path("talk.yaml").read_text())["channels"].values()
    assert described["address"] == "/ws/talk/{room}"
    with TestClient(app).websocket_connect("/ws/talk/tea?name=Ada") as ada:
        ada.send_json({"action": "say", "text": "Hello"})
        assert ada.receive_json() == {"type": "said", "text": "Ada in tea: Hello"}
