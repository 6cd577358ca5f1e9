"""What the tutorial's text says of the page and of a text that is too long."""

import pytest
from chat.messages import Said
from django.test import Client

from chanspec.messages import ErrorMessage


def test_the_page_and_the_document_are_served() -> None:
    client = Client()
    assert client.get("/ws-docs/").status_code == 200
    document = client.get("/ws-docs/asyncapi.yaml?format=json").json()
    assert document["channels"]["room"]["address"] == "/ws/rooms/{name}/"
    assert document["info"]["title"] == "Chat"
    assert document["operations"]["ping"]["reply"]


@pytest.mark.django_db(transaction=True)
async def test_a_text_that_is_too_long_is_answered_and_the_connection_goes_on(ws_connect) -> None:
    ada = await ws_connect("/ws/rooms/tea/", headers={"origin": "http://testserver"})
    await ada.send_json_to({"action": "say", "payload": {"text": "a" * 501}})
    error = await ada.receive_message(ErrorMessage)
    assert error.payload[0]["loc"] == ["payload", "text"]
    await ada.send_json_to({"action": "say", "payload": {"text": " tea "}})
    assert (await ada.receive_message(Said)).payload.text == "tea"


async def test_a_foreign_page_is_refused(ws_connect) -> None:
    ada = await ws_connect("/ws/rooms/tea/", headers={"origin": "http://evil.example"})
    assert ada.close_code is not None
