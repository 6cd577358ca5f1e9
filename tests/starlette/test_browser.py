"""The docs page in a browser: mounted, as an endpoint, behind a proxy's prefix, and as one file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, expect
from starlette.routing import Mount, Route, WebSocketRoute

from chanspec.starlette.docs import AsyncAPIDocs
from chanspec.starlette.views import asyncapi_docs
from tests.browser import Watch, running_browser
from tests.starlette.consumers import ChatConsumer

POLICY = b"default-src 'self'"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


def application() -> FastAPI:
    app = FastAPI(
        routes=[
            WebSocketRoute("/ws/{room_id}/chat", ChatConsumer.as_asgi()),
            Mount("/ws-docs", AsyncAPIDocs(title="Rooms")),
            Route("/endpoint", asyncapi_docs),
        ]
    )

    @app.get("/one-file")
    async def one_file() -> Any:
        return await asyncapi_docs(app=app, config={"title": "Rooms & <b>more</b>"})

    return app


def with_policy(app: Any) -> Any:
    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", POLICY)]
            await send(message)

        await app(scope, receive, sending)

    return middleware


def proxied(app: Any) -> Any:
    """What a proxy does that serves the application below /api and removes that from paths."""

    async def proxy(scope: Any, receive: Any, send: Any) -> None:
        assert scope["path"].startswith("/api/"), f"{scope['path']} was asked of another application"
        path = scope["path"].removeprefix("/api")
        await app({**scope, "path": path, "raw_path": path.encode(), "root_path": "/api"}, receive, send)

    return proxy


def shows_the_document(browser: Browser, url: str, heading: str, server: str | None = None) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    watch = Watch(page)
    page.goto(url)
    expect(page.get_by_role("heading", name=heading).first).to_be_visible()
    expect(page.get_by_text("/ws/{room_id}/chat").first).to_be_visible()
    if server is not None:
        expect(page.get_by_text(server).first).to_be_visible()
    assert watch.errors == []
    assert watch.requests_off(url.split("/", 3)[0] + "//" + url.split("/", 3)[2]) == []
    page.context.close()


@pytest.mark.parametrize("path", ["/ws-docs/", "/ws-docs", "/endpoint"])
def test_is_shown_under_a_strict_policy(browser, serve, path):
    server = serve(with_policy(application()))
    shows_the_document(
        browser, f"http://{server.netloc}{path}", "WebSocket API" if path == "/endpoint" else "Rooms", server.netloc
    )


@pytest.mark.parametrize("path", ["/ws-docs/", "/endpoint"])
def test_is_shown_below_the_prefix_of_a_proxy(browser, serve, path):
    server = serve(proxied(with_policy(application())))
    shows_the_document(
        browser, f"http://{server.netloc}/api{path}", "WebSocket API" if path == "/endpoint" else "Rooms"
    )
    document = server.get("/api/ws-docs/asyncapi.json").json
    assert document["servers"]["default"]["pathname"] == "/api"
    assert json.dumps(document).count("/api") == 1


def test_is_shown_as_one_file_where_the_request_is_not_known(browser, serve):
    server = serve(application())
    shows_the_document(browser, f"http://{server.netloc}/one-file", "Rooms & <b>more</b>")
