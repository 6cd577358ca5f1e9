"""Real servers below a path, behind nginx that leaves the path or removes it: what is documented is where it is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import yaml
from fastapi import FastAPI
from playwright.sync_api import expect
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.starlette.docs import AsyncAPIDocs
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from tests.browser import Watch, running_browser
from tests.docs.pages import blocks_of
from tests.docs.proxy import is_open, running_nginx
from tests.ports import reserved_port
from tests.programs import NGINX
from tests.starlette.conftest import Server, running
from tests.try_it_out.conftest import connect as press_connect
from tests.try_it_out.conftest import frames, opened, panel_of

ROOT = Path(__file__).parents[2]
PAGE = "docs/how-to/behind-a-prefix.md"
START_SECONDS = 60
REPLY_SECONDS = 30
POLICY = "add_header Content-Security-Policy \"default-src 'self'\" always;"


class EchoConsumer(AsyncJsonWebsocketConsumer):
    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


def fastapi() -> FastAPI:
    app = FastAPI(routes=[WebSocketRoute("/ws/echo/", EchoConsumer.as_asgi())])
    app.mount("/ws-docs", AsyncAPIDocs(title="Echo"))
    return app


@contextmanager
def django(log: Path, *command: str, **environment: str) -> Iterator[int]:
    """The project of ``prefixed``, served in a process of its own; its port."""
    with reserved_port() as port, log.open("w") as file:
        option = "-p" if command[0] == "daphne" else "--port"
        words = [sys.executable, "-m", *command, option, str(port), "tests.docs.prefixed:application"]
        process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, **environment}, stdout=file, stderr=file)
        try:
            deadline = time.monotonic() + START_SECONDS
            while not is_open(port):
                assert process.poll() is None, log.read_text()
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            process.wait(START_SECONDS)


@dataclass(frozen=True)
class Site:
    """What is served below a prefix of a proxy."""

    proxy: Server
    prefix: str
    log: Path | None = None

    def document(self) -> Any:
        return yaml.safe_load(self.proxy.get(f"{self.prefix}/ws-docs/asyncapi.yaml").body)

    async def ping(self, url: str) -> str:
        async with connect(url, origin=Origin(f"http://{self.proxy.netloc}"), proxy=None) as client:
            await client.send('{"action": "ping"}')
            return str(json.loads(await client.recv())["action"])


def told_by_the_page(proxy: int, leaves: int, removes: int) -> str:
    """The configuration of the page, with a policy and other ports."""
    [block] = [each for each in blocks_of(PAGE) if each.language == "nginx"]
    told = block.text
    for before, after in {
        "127.0.0.1:8001": f"127.0.0.1:{leaves}",
        "127.0.0.1:8002": f"127.0.0.1:{removes}",
        "listen 80;": f"listen 127.0.0.1:{proxy}; {POLICY}",
    }.items():
        assert told.count(before) == 1
        told = told.replace(before, after)
    return told


def another_server(proxy: int, upstream: str) -> str:
    return (
        f"server {{ listen 127.0.0.1:{proxy}; location /app/ {{ proxy_pass http://127.0.0.1:{upstream};"
        " proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Host $http_host;"
        " proxy_set_header Connection $connection_upgrade; }}\n"
    )


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Site]]:
    NGINX.needed()
    folder = tmp_path_factory.mktemp("sites")
    uvicorn = ("uvicorn", "--lifespan", "off")
    with ExitStack() as stack:
        daphne = stack.enter_context(django(folder / "daphne", "daphne", "-v", "0", "--root-path", "/app"))
        told = stack.enter_context(django(folder / "told", *uvicorn, "--root-path", "/app"))
        forced = stack.enter_context(django(folder / "forced", *uvicorn, FORCE_SCRIPT_NAME="/app"))
        live = stack.enter_context(running(fastapi(), root_path="/live"))
        ports = [stack.enter_context(reserved_port()) for _ in range(5)]
        upstreams = [f"{told}/", f"{forced}/", f"{daphne}/", f"{forced}"]
        config = told_by_the_page(ports[0], daphne, live.port) + "\n".join(map(another_server, ports[1:], upstreams))
        stack.enter_context(running_nginx(config, tmp_path_factory.mktemp("nginx"), ports))
        page, removing, removing_for_django, removing_again, leaving = (Server("127.0.0.1", port) for port in ports)
        yield {
            "Daphne, told": Site(page, "/app"),
            "FastAPI on uvicorn, told, prefix removed": Site(page, "/live"),
            "Django on uvicorn, told, prefix removed": Site(removing, "/app"),
            "Django, told, prefix removed": Site(removing_for_django, "/app"),
            "Daphne, told, prefix removed": Site(removing_again, "/app", folder / "daphne"),
            "Django, told, server not told": Site(leaving, "/app", folder / "forced"),
        }


SERVED = (
    "Daphne, told",
    "FastAPI on uvicorn, told, prefix removed",
    "Django on uvicorn, told, prefix removed",
    "Django, told, prefix removed",
)


@pytest.mark.parametrize("kind", SERVED)
async def test_sockets_are_where_the_document_says(sites: dict[str, Site], kind: str, official_parser: Any) -> None:
    site = sites[kind]
    document = site.document()
    official_parser.check(document)
    server = document["servers"]["default"]
    assert server == {"host": site.proxy.netloc, "protocol": "ws", "pathname": site.prefix}
    [channel] = document["channels"].values()
    assert channel["address"] == "/ws/echo/"
    assert await site.ping(f"ws://{server['host']}{server['pathname']}{channel['address']}") == "pong"


@pytest.mark.usefixtures("built_page")
@pytest.mark.parametrize("kind", SERVED)
def test_all_that_the_page_names_is_below_the_prefix(sites: dict[str, Site], kind: str) -> None:
    site = sites[kind]
    address = f"{site.prefix}/ws-docs/"
    html = site.proxy.get(address).text
    told = json.loads(re.findall(r'id="chanspec-config">(.*?)</script>', html)[0])
    links = [*re.findall(r'(?:src|href)="([^"]+)"', html), *(each["url"] for each in told["documents"])]
    assert len(links) >= 4
    for link in links:
        url = urljoin(address, link.replace("&amp;", "&"))
        assert url.startswith(address)
        assert site.proxy.get(url).status == 200, url


@pytest.mark.parametrize("kind", [each for each in SERVED if each != "Django, told, prefix removed"])
def test_a_redirect_stays_below_the_prefix(sites: dict[str, Site], kind: str) -> None:
    site = sites[kind]
    location = site.proxy.get(f"{site.prefix}/ws-docs").headers["location"]
    assert urljoin(f"http://{site.proxy.netloc}/", location) == f"http://{site.proxy.netloc}{site.prefix}/ws-docs/"


@pytest.mark.parametrize(
    ("kind", "cure"),
    [
        ("Daphne, told, prefix removed", "let the proxy leave the prefix"),
        ("Django, told, server not told", "tell the server too"),
    ],
)
async def test_where_channels_refuses_sockets_no_server_is_named(sites: dict[str, Site], kind: str, cure: str) -> None:
    site = sites[kind]
    assert "servers" not in site.document()
    site.document()
    with pytest.raises(InvalidStatus):
        await site.ping(f"ws://{site.proxy.netloc}{site.prefix}/ws/echo/")
    assert site.log is not None
    [warning] = [line for line in site.log.read_text().splitlines() if "A request came for" in line]
    assert cure in warning


def test_the_page_connects_below_the_prefix(sites: dict[str, Site]) -> None:
    site = sites["Daphne, told"]
    with running_browser() as browser:
        page = browser.new_page()
        watch = Watch(page)
        page.goto(f"http://{site.proxy.netloc}{site.prefix}/ws-docs/")
        expect(page.get_by_text("/ws/echo/").first).to_be_visible()
        connection = opened(page).name_last("Ada")
        press_connect(connection)
        panel = panel_of(page, "operation-reply-ping")
        panel.get_by_role("button", name="Send").click()
        expect(frames(connection, "pong").first).to_be_visible()
        assert watch.errors == []
        assert watch.requests_off(f"http://{site.proxy.netloc}{site.prefix}") == []


async def test_the_middleware_of_the_page_puts_the_prefix_where_channels_looks_for_it() -> None:
    from channels.routing import URLRouter
    from django.urls import path

    [block] = [each for each in blocks_of(PAGE) if "class ForwardedPrefix" in each.text]
    made: dict[str, Any] = {}
    exec(block.text, made)
    seen: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["root_path"] + scope["path_remaining"])

    guarded = made["ForwardedPrefix"](URLRouter([path("ws/echo/", application)]))
    for headers in ([(b"x-forwarded-prefix", b"/live")], [(b"x-forwarded-prefix", b"/evil")], []):
        await guarded({"type": "websocket", "path": "/ws/echo/", "root_path": "", "headers": headers}, None, None)
    assert seen == ["/live", "", ""]
