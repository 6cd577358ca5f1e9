"""What is written, and that the consumer does as it did."""

from pathlib import Path

import yaml
from chat.legacy import BarConsumer


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
