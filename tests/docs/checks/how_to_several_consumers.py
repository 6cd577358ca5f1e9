"""What each document holds."""

from django.test import Client
from fastapi.testclient import TestClient
from whole_site import app


def test_django() -> None:
    client = Client()

    def channels(name: str) -> set[str]:
        return {each["address"] for each in client.get(f"/ws-docs/{name}?format=json").json()["channels"].values()}

    both = {"/ws/rooms/{name}/", "/ws/news/"}
    assert (channels("asyncapi.yaml"), channels("news.yaml"), channels("some.yaml")) == (both, {"/ws/news/"}, both)
    operations = client.get("/ws-docs/asyncapi.yaml?format=json").json()["operations"]
    assert {"room_ping", "news_ping"} <= operations.keys()
    page = client.get("/ws-docs/").content.decode()
    assert "Everything" in page
    assert "/ws-docs/news.yaml" in page


def test_fastapi() -> None:
    client = TestClient(app)

    def channels(path: str) -> set[str]:
        return {each["address"] for each in client.get(path).json()["channels"].values()}

    assert channels("/ws-docs/asyncapi.json") == {"/ws/rooms/{name}", "/ws/status"}
    assert channels("/status-docs/asyncapi.json") == {"/ws/status"}
