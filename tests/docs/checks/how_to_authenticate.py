"""Each way lets in whom it should, and nobody else."""

import time

import jwt
import pytest
from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from chat.rooms import GroupConsumer
from chat.sessions import MembersConsumer
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import path
from login import LoginConsumer, Welcome
from private import PrivateConsumer, app
from spoken import SpokenConsumer
from tokens import KEY

from chanspec import AsyncAPIGenerator
from chanspec.messages import AuthenticationMessage, PingMessage, PongMessage
from chanspec.testing import WebsocketCommunicator

pytestmark = pytest.mark.django_db(transaction=True)

DJANGO = AuthMiddlewareStack(
    URLRouter([path("ws/members/", MembersConsumer.as_asgi()), path("ws/groups/<str:name>/", GroupConsumer.as_asgi())])
)


PAGE = {"origin": "http://localhost", "host": "localhost"}  # of this host, as OriginValidator wants it


def token(**claims: object) -> str:
    return jwt.encode({"sub": "ada", "exp": time.time() + 3600, **claims}, KEY, "HS256")


def cookie_of(user: User) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    headers = {"origin": "http://testserver", "host": "testserver"}
    return {**headers, "cookie": f"sessionid={client.cookies['sessionid'].value}"}


async def outcome(communicator: object) -> int:
    message = await communicator.receive_message(AuthenticationMessage)  # type: ignore[attr-defined]
    return message.payload.status_code


def test_sessions(ws_connect) -> None:
    from asgiref.sync import async_to_sync

    headers = cookie_of(User.objects.create_user("ada"))

    async def talk() -> None:
        async with ws_connect(DJANGO, "/ws/members/", headers=headers) as ada:
            assert await outcome(ada) == 200
            await ada.send_message(PingMessage())
            assert await ada.receive_message(PongMessage) == PongMessage()
        async with ws_connect(DJANGO, "/ws/members/") as stranger:
            assert await outcome(stranger) == 401
            await stranger.assert_closed(4401)

    async_to_sync(talk)()


def test_permissions_and_objects(ws_connect) -> None:
    from asgiref.sync import async_to_sync

    ada = User.objects.create_user("ada")
    ada.groups.add(Group.objects.create(name="tea"))
    Group.objects.create(name="coffee")
    headers = cookie_of(ada)

    async def statuses() -> list[int]:
        found = []
        for name, sent in (("tea", headers), ("coffee", headers), ("water", headers), ("tea", {})):
            async with ws_connect(DJANGO, f"/ws/groups/{name}/", headers=sent) as communicator:
                found.append(await outcome(communicator))
        return found

    assert async_to_sync(statuses)() == [200, 403, 404, 403]


@pytest.mark.parametrize(
    "sent", [{"query": {"token": token()}, "headers": PAGE}, {"headers": {**PAGE, "cookie": f"token={token()}"}}]
)
async def test_a_good_token(ws_connect, sent) -> None:
    async with ws_connect(app, "/ws/private", **sent) as ada:
        assert await outcome(ada) == 200


@pytest.mark.parametrize("origin", [{"origin": "http://elsewhere.example"}, {}])
async def test_a_good_cookie_without_a_page_of_this_host(origin) -> None:
    headers = {"host": "localhost", "cookie": f"token={token()}", **origin}
    stranger = WebsocketCommunicator(app, "/ws/private", headers=headers)
    accepted, _ = await stranger.connect()
    assert not accepted
    await stranger.disconnect()


@pytest.mark.parametrize("bad", ["", "nonsense", token(exp=1), jwt.encode({"sub": "ada"}, KEY, "HS256")])
async def test_a_bad_token(ws_connect, bad) -> None:
    async with ws_connect(app, "/ws/private", query={"token": bad}, headers=PAGE) as mallory:
        message = await mallory.receive_json_from()
        expected = {"status_code": 401, "status_text": "Unauthorized", "data": None}
        assert message == {"action": "authentication", "payload": expected}
        await mallory.assert_closed(4401)


@pytest.mark.parametrize(("query", "code"), [({"token": token()}, None), ({"token": "nonsense"}, 4401)])
async def test_a_subprotocol_is_acknowledged_whether_the_client_is_let_in_or_not(ws_connect, query, code) -> None:
    offered = ["chat.v1", "chat.v2"]
    async with ws_connect(SpokenConsumer, query=query, subprotocols=offered) as client:
        assert client.subprotocol == "chat.v2"
        assert await outcome(client) == (401 if code else 200)
        if code:
            await client.assert_closed(code)


async def test_the_first_message(ws_connect) -> None:
    async with ws_connect(LoginConsumer) as ada:
        await ada.send_json_to({"action": "login", "payload": token()})
        assert await ada.receive_message(Welcome) == Welcome(payload="ada")
        await ada.send_message(PingMessage())
        assert await ada.receive_message(PongMessage) == PongMessage()
    for first in ({"action": "ping"}, {"action": "login", "payload": "nonsense"}):
        async with ws_connect(LoginConsumer) as mallory:
            await mallory.send_json_to(first)
            await mallory.assert_closed(4401)


async def test_who_says_nothing_is_closed(ws_connect, monkeypatch) -> None:
    monkeypatch.setattr("login.LOGIN_SECONDS", 0)
    async with ws_connect(LoginConsumer) as silent:
        await silent.assert_closed(4401)


def test_the_documents_show_what_is_read() -> None:
    def schemes(consumer: type) -> list[dict]:
        return list(AsyncAPIGenerator(consumer).get_spec()["components"]["securitySchemes"].values())

    assert schemes(MembersConsumer)[0]["name"] == "sessionid"
    assert [each["in"] for each in schemes(PrivateConsumer)] == ["query", "cookie"]
    assert any("(" not in name for each in schemes(GroupConsumer) for name in each["x-permissions"])
