"""The consumer answers the same in each step, but for the field that names the event in the last one."""

from chat.bar import BarConsumer

from chanspec.runtime.consumer import Consumer


async def test_the_answer(ws_connect) -> None:
    client = await ws_connect(BarConsumer)
    await client.send_json_to({"action": "order", "drink": "tea", "cups": 2})
    field = "action" if issubclass(BarConsumer, Consumer) else "type"
    assert await client.receive_json_from() == {field: "order.taken", "drink": "tea", "cups": 2}


async def test_a_bad_message(ws_connect) -> None:
    if "receive_json" in vars(BarConsumer):
        return
    client = await ws_connect(BarConsumer)
    await client.send_json_to({"action": "order", "drink": "tea", "cups": "many"})
    answer = await client.receive_json_from()
    assert "error" in (answer.get("type"), answer.get("action"))
    assert "cups" in answer["payload"][0]["loc"]
