"""Typed consumers on uvicorn and Daphne, with a real client, in one process and in two that share a Redis."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.browser import running_browser
from tests.channels_typed.servers import REPLY_SECONDS, SERVERS, SITE, Server, environment, manage, serving
from tests.official_parser.plugin import OfficialParser
from tests.redis import RedisServer

LAYERS = ("channels_redis.core.RedisChannelLayer", "channels_redis.pubsub.RedisPubSubChannelLayer")


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The project in one process, with a file for its database."""
    folder = tmp_path_factory.mktemp("site")
    settings = {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "db.sqlite3")}}}
    manage(settings, "migrate", "-v", "0")
    users = (
        "import django; django.setup();"
        "from django.contrib.auth.models import User;"
        "from rest_framework.authtoken.models import Token;"
        "[Token.objects.create(user=User.objects.create_user(name, password='secret'), key=name * 10)"
        " for name in ('ada', 'bob')]"
    )
    manage(settings, "-c", users)
    with serving(request.param, folder, settings) as running:
        yield running


def token(name: str) -> dict[str, str]:
    return {"Authorization": f"Token {name * 10}"}


# ---- one process ---------------------------------------------------------------------------------------


async def test_messages_are_routed_validated_and_answered(server: Server) -> None:
    async with server.client("/ws/rooms/kitchen/") as client:
        assert await client.ask("ping") == {"action": "pong", "payload": None}
        assert await client.ask("say", {"text": "hello"}) == {
            "action": "said",
            "payload": {"text": "hello", "room_name": "kitchen"},
        }
        wrong = await client.ask("say", {"text": 3})
        assert wrong == {
            "action": "error",
            "payload": [{"loc": ["payload", "text"], "msg": "Input should be a valid string", "type": "string_type"}],
        }
        for frame in ("{", "[]", '{"action": "fly"}', b"\x00"):
            await client.websocket.send(frame)
            assert (await client.hear())["action"] == "error"
        await client.say("count", 3)
        assert [(await client.hear())["payload"] for _ in range(3)] == [0, 1, 2]
        await client.silence(0.05)


async def test_a_foreign_origin_is_refused_by_the_validator(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with server.client("/ws/rooms/kitchen/", origin="http://evil.example"):
            pass
    assert refused.value.response.status_code == 403


async def test_a_room_hears_what_is_said_in_it_and_nothing_else(server: Server) -> None:
    async with (
        server.client("/ws/rooms/kitchen/") as ada,
        server.client("/ws/rooms/kitchen/") as bob,
        server.client("/ws/plain/kitchen/") as plain,
        server.client("/ws/rooms/garden/") as elsewhere,
    ):
        for each in (ada, bob, elsewhere):
            await each.ask("ping")
        await plain.ask("where")
        await ada.say("say", {"text": "hello"})
        for each in (ada, bob, plain):
            assert (await each.hear())["payload"]["text"] == "hello"
        await elsewhere.silence(0.05)


@pytest.mark.parametrize("view", ["announce", "announce-async"])
async def test_a_view_tells_a_room_something(server: Server, view: str) -> None:
    async with server.client("/ws/rooms/kitchen/") as client, server.client("/ws/plain/kitchen/") as plain:
        await client.ask("ping")
        await plain.ask("where")
        await asyncio.to_thread(server.get, f"/{view}/kitchen/?text=dinner")
        assert await client.hear() == {"action": "news_item", "payload": "dinner"}
        assert await plain.hear() == {"type": "news", "payload": "dinner"}


async def test_a_view_tells_one_connection_something(server: Server) -> None:
    async with server.client("/ws/rooms/kitchen/") as client, server.client("/ws/rooms/kitchen/") as other:
        name = (await client.ask("where"))["payload"]
        await other.ask("ping")
        await asyncio.to_thread(server.get, f"/tell/{name}/?text=psst")
        assert (await client.hear())["payload"] == "psst"
        await other.silence(0.05)


# ---- authentication ------------------------------------------------------------------------------------


async def test_a_token_lets_its_user_in(server: Server) -> None:
    async with server.client("/ws/members/", additional_headers=token("ada")) as client:
        message = await client.hear()
        assert (message["action"], message["payload"]["status_code"]) == ("authentication", 200)
        assert (await client.ask("whoami"))["payload"].startswith("ada")


async def test_the_object_of_the_route_is_looked_up(server: Server) -> None:
    async with server.client("/ws/users/1/", additional_headers=token("ada")) as client:
        assert (await client.hear())["payload"]["status_code"] == 200
        assert (await client.ask("whoami"))["payload"] == "ada with ada"
    for path, code in (("/ws/users/2/", 4403), ("/ws/users/77/", 4404)):
        async with server.client(path, additional_headers=token("ada")) as client:
            assert (await client.hear())["payload"]["status_code"] == code - 4000
            assert await client.closed_with() == code


async def test_a_session_lets_its_user_in_and_a_foreign_page_does_not_get_it(server: Server) -> None:
    folder = server.log.parent
    settings = {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "db.sqlite3")}}}
    code = (
        "import django; django.setup();"
        "from django.contrib.auth.models import User;"
        "from django.test import Client; client = Client();"
        "client.force_login(User.objects.get(username='ada')); print(client.cookies['sessionid'].value)"
    )
    cookie = (await asyncio.to_thread(manage, settings, "-c", code)).split()[-1]
    async with server.client("/ws/members/", additional_headers={"Cookie": f"sessionid={cookie}"}) as client:
        assert (await client.hear())["payload"]["status_code"] == 200
    foreign = "http://localhost:1"  # one that AllowedHostsOriginValidator lets pass: it does not look at ports
    headers = {"Cookie": f"sessionid={cookie}"}
    async with server.client("/ws/members/", origin=foreign, additional_headers=headers) as client:
        assert (await client.hear())["payload"]["status_code"] == 403
        assert await client.closed_with() == 4403


CONNECTING = """
([address, protocols]) => new Promise(resolve => {
  const heard = []
  const socket = new WebSocket(address, protocols)
  socket.onmessage = ({ data }) => heard.push(JSON.parse(data).payload.status_code)
  socket.onclose = ({ code }) => resolve([socket.protocol, heard, code])
})
"""


def test_a_browser_that_offers_subprotocols_is_told_why_it_is_refused(server: Server) -> None:
    with running_browser() as browser:  # not longer: the tests after this one run event loops of their own
        page = browser.new_page()
        page.goto(f"{server.origin}/asyncapi/schema/")
        for protocols in ([], ["chat.v2", "chat.v1"]):
            found = page.evaluate(CONNECTING, [f"ws://{server.netloc}/ws/members/", protocols])
            assert found == [protocols[0] if protocols else "", [403], 4403]


def test_a_frame_behind_the_handshake_is_never_handled_for_a_client_that_is_refused(server: Server) -> None:
    before = notes_of_members_once_all_have_left(server)
    with socket.create_connection(("127.0.0.1", server.port), REPLY_SECONDS) as client:
        key = base64.b64encode(os.urandom(16)).decode()
        handshake = (
            f"GET /ws/members/ HTTP/1.1\r\nHost: {server.netloc}\r\nOrigin: {server.origin}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        # Both in one segment, as no well-behaved client would send them.
        client.sendall(handshake.encode() + masked(json.dumps({"action": "whoami"}).encode()) * 5)
        heard = b""
        while piece := client.recv(65536):
            heard += piece
            if b"\x0f\xa3" in heard or b"\x11\x31" in heard or b"\x11\x33" in heard:  # 4401, 4403
                break
    assert b"101 Switching Protocols" in heard
    assert b'"status_code":401' in heard or b'"status_code":403' in heard
    assert heard.count(b'"action"') == 1, heard
    assert server.printed().count("MembersOnlyConsumer") == before


def notes_of_members_once_all_have_left(server: Server) -> int:
    """How often the consumer has noted something. The clients of other tests leave before it has noted that."""
    end = time.monotonic() + REPLY_SECONDS
    while True:
        came, went, all_of_them = (
            server.printed().count(f"MembersOnlyConsumer: {what}") for what in ("connect", "disconnect", "")
        )
        if came == went:
            return all_of_them
        assert time.monotonic() < end, server.printed()
        time.sleep(0.01)


def masked(payload: bytes) -> bytes:
    """A text frame of a client (RFC 6455, 5.2)."""
    mask = os.urandom(4)
    return bytes([0x81, 0x80 | len(payload)]) + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


# ---- the document --------------------------------------------------------------------------------------


def test_the_document_is_served_under_the_reference_s_names(server: Server, official_parser: OfficialParser) -> None:
    document = server.get("/asyncapi/schema/")
    official_parser.check(document)
    assert server.get("/generated/") == document
    assert server.get("/asyncapi/docs/?format=json") == document
    [each] = document["servers"].values()
    assert each["host"] == server.netloc


# ---- several processes ---------------------------------------------------------------------------------

Serve = Callable[..., Server]


@pytest.fixture(params=LAYERS)
def shared(request: pytest.FixtureRequest, shared_redis: RedisServer) -> dict[str, Any]:
    """Settings with a layer that crosses processes."""
    shared_redis.ask("FLUSHALL")
    return {"CHANNEL_LAYERS": {"default": {"BACKEND": request.param, "CONFIG": {"hosts": [shared_redis.url]}}}}


@pytest.fixture
def serve(shared: dict[str, Any], tmp_path: Path) -> Iterator[Serve]:
    with ExitStack() as running:
        yield lambda kind: running.enter_context(serving(kind, tmp_path, shared))


async def test_two_server_processes_and_what_serves_nobody_share_their_groups(
    serve: Serve, shared: dict[str, Any], shared_redis: RedisServer
) -> None:
    first, second = serve("uvicorn"), serve("daphne")
    async with (
        first.client("/ws/rooms/kitchen/") as ada,
        second.client("/ws/rooms/kitchen/") as bob,
        second.client("/ws/plain/kitchen/") as plain,
    ):
        for each in (ada, bob):
            await each.ask("ping")
        await plain.ask("where")
        everybody = (ada, bob, plain)
        await ada.say("say", {"text": "from one process to another"})
        assert [(await each.hear())["payload"]["text"] for each in everybody] == ["from one process to another"] * 3

        await asyncio.to_thread(first.get, "/announce/kitchen/?text=from+a+view")
        assert [(await each.hear())["payload"] for each in everybody] == ["from a view"] * 3

        await asyncio.to_thread(manage, shared, "announce", "kitchen", "from a command")
        assert [(await each.hear())["payload"] for each in everybody] == ["from a command"] * 3

        await asyncio.to_thread(work, shared, 20)  # a worker: one process, many tasks, no loop of its own
        for each in everybody:
            assert [(await each.hear())["payload"] for _ in range(20)] == [f"task {n}" for n in range(20)]

        name = (await ada.ask("where"))["payload"]
        await asyncio.to_thread(second.get, f"/tell/{name}/?text=across")
        assert (await ada.hear())["payload"] == "across"
        for each in everybody:
            await each.silence(0.05)
    questions = ("ZCARD asgi:group:room.kitchen", "PUBSUB CHANNELS *room.kitchen*")  # of either layer
    for _ in range(600):
        if (left := [shared_redis.ask(each)[1:] for each in questions]) == [b"0", b"0"]:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"connections that are gone are still in the group: {left}")


def work(settings: dict[str, Any], tasks: int) -> None:
    """Do as a task queue's worker does: import the project once, then run sync tasks one after the other."""
    code = (
        "import django; django.setup();"
        f"from {SITE}.consumers import News, RoomConsumer;"
        f"[RoomConsumer.broadcast_event_sync(News(payload=f'task {{n}}'), ['room.kitchen']) for n in range({tasks})]"
    )
    environ = {**environment(settings), "PYTHONWARNINGS": "error::ResourceWarning,error::RuntimeWarning"}
    ended = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
