"""Authentication: its outcome, its messages, its limits, and that nothing of the consumer runs before it."""

from __future__ import annotations

import asyncio
import logging
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from starlette.requests import Request

from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.runtime.authenticator import BaseAuthenticator, Credential
from chanspec.runtime.consumer import Consumer

from .driver import Client, connected
from .messages import Said, Say


class Token(BaseAuthenticator):
    credentials = [Credential("token", "query", "What the login returned.")]

    async def authenticate(self) -> bool:
        token = self.get_query_param("token")
        if token == "forbidden":
            self.status_code = 403
            self.data = {"detail": "not you"}
            return False
        if token == "broken":
            raise LookupError("no user database")
        if token == "slow":
            await asyncio.sleep(60)
        self.user = token
        return token is not None


class Guarded(Consumer[Any]):
    groups = ["guarded"]
    authenticator_class = Token
    authentication_timeout = 0.05
    log: list[Any] = []

    async def websocket_connect(self, message: Any) -> None:
        self.log.append("websocket_connect")
        await super().websocket_connect(message)

    async def connect(self) -> None:
        self.log.append("connect")
        await self.accept(subprotocol="v1")

    async def post_authentication(self) -> None:
        self.log.append(f"post_authentication {self.user} {self.authenticator.user}")

    @ws_handler
    async def say(self, message: Say) -> Said:
        self.log.append("say")
        return Said(payload=self.user)

    async def disconnect(self, code: int) -> None:
        self.log.append("disconnect")


def scope(query: str) -> dict[str, Any]:
    return {"query_string": query.encode()}


@pytest.fixture(autouse=True)
def _log() -> None:
    Guarded.log = []


async def test_client_that_is_let_in_is_told_so_first_and_its_user_is_known() -> None:
    async with connected(Guarded.as_asgi(), scope=scope("token=ada")) as client:
        assert await client.message() == {
            "action": "authentication",
            "payload": {"status_code": 200, "status_text": "OK", "data": None},
        }
        assert (await client.ask("say", "x"))["payload"] == "ada"
    assert Guarded.log == ["websocket_connect", "connect", "post_authentication ada ada", "say", "disconnect"]


@pytest.mark.parametrize(
    ("query", "status", "phrase", "data", "code"),
    [
        ("", 401, "Unauthorized", None, 4401),
        ("token=forbidden", 403, "Forbidden", {"detail": "not you"}, 4403),
        ("token=broken", 500, "Internal Server Error", None, 4500),
        ("token=slow", 408, "Request Timeout", None, 4408),
    ],
)
async def test_client_that_is_refused_is_told_why_and_closed_and_nothing_of_the_consumer_runs(
    query: str, status: int, phrase: str, data: Any, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(Guarded.as_asgi(), scope=scope(query))
    for _ in range(3):
        client.inbox.put_nowait({"type": "websocket.receive", "text": '{"action": "say", "payload": "pipelined"}'})
    inbox, client.inbox = client.inbox, asyncio.Queue()
    client.start()
    while not inbox.empty():  # behind the handshake
        client.inbox.put_nowait(inbox.get_nowait())
    assert (await client.frame())["type"] == "websocket.accept"
    assert (await client.message())["payload"] == {"status_code": status, "status_text": phrase, "data": data}
    assert await client.frame() == {"type": "websocket.close", "code": code}
    await client.ended()
    assert Guarded.log == []
    assert client.received_by_app == 0, "the frames behind the handshake were not even read"
    assert client.outbox.empty()
    if query == "token=broken":
        assert "no user database" in caplog.text


async def test_frames_behind_the_handshake_are_handled_when_the_client_is_let_in() -> None:
    client = Client(Guarded.as_asgi(), scope=scope("token=ada"))
    client.start()
    client.say("say", "pipelined")
    assert (await client.frame())["type"] == "websocket.accept"
    assert (await client.message())["action"] == "authentication"
    assert (await client.message())["payload"] == "ada"
    await client.disconnect()


async def test_authentication_message_can_be_switched_off() -> None:
    class Quiet(Guarded):
        send_authentication_message = False

    async with connected(Quiet.as_asgi(), scope=scope("token=ada")) as client:
        assert (await client.ask("say", "x"))["action"] == "said"
    client = Client(Quiet.as_asgi())
    await client.open()
    assert await client.frame() == {"type": "websocket.close", "code": 4401}
    await client.ended()


async def test_authenticate_may_take_the_scope_and_send_messages_itself() -> None:
    class Talking(BaseAuthenticator):
        async def authenticate(self, scope: Any) -> bool:
            assert scope is self.scope
            await self.send_message(PongMessage())
            self.user = scope["path"]
            return True

    class Consumed(Guarded):
        authenticator_class = Talking

    client = Client(Consumed.as_asgi(), scope={"path": "/p"})
    client.start()
    frame = await client.frame()
    assert frame == {"type": "websocket.accept", "subprotocol": None}
    assert (await client.message())["action"] == "pong"
    assert (await client.message())["action"] == "authentication"
    assert (await client.ask("say", "x"))["payload"] == "/p"
    await client.disconnect()


async def test_broadcasts_do_not_come_before_the_authentication_message() -> None:
    class Slow(Guarded):
        async def connect(self) -> None:
            await self.broadcast_message(Said(payload="broadcast"))
            await super().connect()

    async with connected(Slow.as_asgi(), scope=scope("token=ada")) as client:
        assert (await client.message())["action"] == "authentication"
        assert (await client.message())["payload"] == "broadcast"


async def test_without_an_authenticator_the_scopes_user_is_the_user() -> None:
    class Open(Guarded):
        authenticator_class = None

        async def post_authentication(self) -> None: ...

    async with connected(Open.as_asgi(), scope={"user": "grace"}) as client:
        assert (await client.ask("say", "x"))["payload"] == "grace"


@pytest.mark.parametrize("authenticator", [Token, None])
async def test_user_is_whoever_was_set_last(authenticator: Any) -> None:
    class Login(Consumer[Any]):
        authenticator_class = authenticator
        send_authentication_message = False

        def __init__(self) -> None:
            self.user = "a placeholder"

        @ws_handler
        async def say(self, message: Say) -> Said:
            if message.payload == "login":
                self.scope["user"] = "lin"  # as channels.auth.login does
            elif message.payload == "profile":
                self.user = f"profile of {self.user}"
            elif message.payload == "authenticate" and authenticator:
                self.authenticator.user = "eve"
            elif message.payload == "logout":
                self.scope["user"] = None
            elif message.payload == "forget":
                del self.user
            return Said(payload=self.user)

    async with connected(Login.as_asgi(), scope={"query_string": b"token=ada", "user": "from the session"}) as client:
        says = [
            ("who", "ada" if authenticator else "a placeholder"),
            ("authenticate", "eve" if authenticator else "a placeholder"),
            ("login", "lin"),
            ("profile", "profile of lin"),
            ("forget", "eve" if authenticator else "lin"),
            ("profile", "profile of eve" if authenticator else "profile of lin"),
            ("logout", None),
        ]
        for what, expected in says:
            assert (await client.ask("say", what))["payload"] == expected, what


OFFERS = [
    ((), ["v1", "token"], "v1"),
    (("v2", "v1"), ["token", "v1", "v2"], "v2"),
    (["v3"], ["token", "v1"], "token"),
    (("v1",), [], None),
    ((), [], None),
]


@pytest.mark.parametrize(("speaks", "offered", "acknowledged"), OFFERS)
async def test_a_client_that_is_refused_has_one_of_its_subprotocols_acknowledged(
    speaks: Any, offered: list[str], acknowledged: str | None
) -> None:
    class Speaking(Guarded):
        subprotocols = speaks

    client = Client(Speaking.as_asgi(), scope={"subprotocols": offered})
    assert await client.open() == {"type": "websocket.accept", "subprotocol": acknowledged}
    assert (await client.message())["payload"]["status_code"] == 401
    assert await client.frame() == {"type": "websocket.close", "code": 4401}
    await client.ended()


@pytest.mark.parametrize(("speaks", "offered", "acknowledged"), OFFERS)
async def test_a_class_that_names_its_subprotocols_accepts_with_the_best_that_is_offered(
    speaks: Any, offered: list[str], acknowledged: str | None
) -> None:
    class Speaking(Consumer[Any]):
        subprotocols = speaks

    client = Client(Speaking.as_asgi(), scope={"subprotocols": offered})
    frame = await client.open()
    assert frame["subprotocol"] == (acknowledged if acknowledged in speaks else None)
    await client.disconnect()


async def test_a_subprotocol_that_comes_too_late_is_said_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    class Talking(BaseAuthenticator):
        async def authenticate(self) -> bool:
            await self.send_message(PongMessage())
            return True

    class Consumed(Guarded):
        authenticator_class = Talking
        send_authentication_message = False

        async def connect(self) -> None:
            await self.accept(subprotocol=self.scope["subprotocols"][-1])

    for offered, warnings in (["v1"], 0), (["a\nb", "v2"], 1):
        caplog.clear()
        client = Client(Consumed.as_asgi(), scope={"subprotocols": offered})
        assert (await client.open())["subprotocol"] == offered[0]
        assert (await client.message())["action"] == "pong"
        await client.disconnect()
        told = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
        found = [each for each in told if "subprotocol" in each.partition(":")[2].partition(":")[2]]
        assert len(found) == warnings
    assert (
        r"accepted with the subprotocol a\nb before accept() asked for v2, as it is when its authenticator" in found[0]
    )


async def test_client_that_is_gone_when_it_is_refused_leaves_nothing() -> None:
    client = Client(Guarded.as_asgi())
    client.gone = True
    client.start()
    await client.ended()
    assert Guarded.log == []


async def test_cancelling_during_authentication_ends_it() -> None:
    class Patient(Guarded):
        authentication_timeout = 60.0

    client = Client(Patient.as_asgi(), scope=scope("token=slow"))
    client.start()
    await asyncio.sleep(0.01)
    assert client.task is not None
    client.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.ended()
    assert Patient.log == []


def test_sync_authenticate_is_an_error_at_class_definition() -> None:
    with pytest.raises(TypeError, match=r"authenticate is a sync method"):

        class Sync(BaseAuthenticator):
            def authenticate(self) -> bool:  # type: ignore[override]
                return True


async def test_authenticator_without_authenticate_refuses_and_says_so_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Empty(BaseAuthenticator):
        pass

    class Consumed(Guarded):
        authenticator_class = Empty

    client = Client(Consumed.as_asgi())
    await client.open()
    assert (await client.message())["payload"]["status_code"] == 500
    assert "has no authenticate" in caplog.text
    await client.ended()


async def _none(message: Any) -> None: ...


@pytest.mark.parametrize(
    ("query", "expected"),
    [(b"a=1&a=2", "1"), (b"", None), (b"a=", ""), (b"a=%C3%A9+b", "é b"), (b"%ff=1&a=x", "x")],
)
def test_query_parameters_are_read(query: bytes, expected: str | None) -> None:
    authenticator = BaseAuthenticator(_none)
    authenticator.scope = {"query_string": query}
    assert authenticator.get_query_param("a") == expected
    assert authenticator.get_query_param("missing", "default") == "default"


def test_headers_and_cookies_are_read() -> None:
    authenticator = BaseAuthenticator(_none)
    authenticator.scope = {
        "headers": [(b"authorization", b"Bearer x"), (b"Cookie", b'bad; a=1; session="abc%20d"; a=2;=;')],
    }
    assert authenticator.get_header("Authorization") == "Bearer x"
    assert authenticator.get_header("missing") is None
    assert authenticator.get_cookie("session") == "abc%20d"
    assert authenticator.get_cookie("a") == "2"
    assert authenticator.get_cookie("missing", "default") == "default"
    authenticator.scope = {}
    assert authenticator.get_cookie("session") is None


COOKIES = [
    b'a={"user": 1}',
    b"a=x,b; b=y",
    b"a=x;b; b=y",
    b'a="quoted \\"inside\\" and \\073 octal"; b="',
    b'a=""; b="x',
    b"a=%2F%22",
    b"a=1; b=2; a=3",
    b"a=; b",
    b"a",
    b"=x; ; a = spaces ; b=c=d",
    "a=caf\xe9; \xe9=1".encode("latin-1"),
    "a=caf\xe9 \N{SNOWMAN}".encode(),
    b"A=1; a=2",
    b'a="\\303\\251\\8\\"',
    b"",
]


@pytest.mark.parametrize("cookies", COOKIES)
def test_a_cookie_is_what_requests_of_django_and_of_starlette_say_that_it_is(cookies: bytes) -> None:
    authenticator = BaseAuthenticator(_none)
    headers = [(b"host", b"testserver"), (b"cookie", cookies)]
    authenticator.scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers}
    django, starlette = ASGIRequest(authenticator.scope, BytesIO()), Request(authenticator.scope)
    for name in {*django.COOKIES, "a", "b", "A", "", "missing"}:
        assert authenticator.get_cookie(name) == django.COOKIES.get(name) == starlette.cookies.get(name), name


def test_cookies_in_several_headers_are_read_as_starlette_reads_them() -> None:
    authenticator = BaseAuthenticator(_none)
    authenticator.scope = {"type": "http", "headers": [(b"cookie", each) for each in (b"a=1; b=2", b"a=3", b"c=4")]}
    found = {name: authenticator.get_cookie(name) for name in "abc"}
    assert found == Request(authenticator.scope).cookies == {"a": "3", "b": "2", "c": "4"}


async def test_other_actions_work_behind_an_authenticator() -> None:
    class Pinged(Guarded):
        @ws_handler
        async def ping(self, message: PingMessage) -> PongMessage:
            return PongMessage()

    async with connected(Pinged.as_asgi(), scope=scope("token=ada")) as client:
        await client.message()
        assert (await client.ask("ping"))["action"] == "pong"
