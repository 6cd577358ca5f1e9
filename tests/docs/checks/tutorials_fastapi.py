"""What the tutorial's text says of the page and of other sites."""

from fastapi import FastAPI
from fastapi.testclient import TestClient
from main import app
from notes import released, router


def test_the_page_and_the_document_are_served() -> None:
    client = TestClient(app)
    assert client.get("/ws-docs/").status_code == 200
    document = client.get("/ws-docs/asyncapi.json").json()
    assert document["channels"]["room"]["address"] == "/ws/rooms/{name}"


async def test_a_foreign_page_is_refused(ws_connect) -> None:
    ada = await ws_connect(app, "/ws/rooms/tea", headers={"origin": "http://evil.example", "host": "localhost"})
    assert ada.close_code is not None


def test_a_dependency_is_filled_in_and_released() -> None:
    served = FastAPI()
    served.include_router(router)
    with TestClient(served).websocket_connect("/ws/notes/ada") as ada:
        ada.send_json({"action": "say", "payload": {"text": "Milk"}})
        assert ada.receive_json() == {"action": "said", "payload": {"text": "Milk"}}
        assert released == []
    assert released == [["ada: Milk"]]
