"""Functions and endpoint classes that serve connections by themselves, and are described."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path
from fastapi import APIRouter, Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.endpoints import WebSocketEndpoint
from starlette.routing import Mount, WebSocketRoute

from chanspec import AsyncAPIGenerator, describe, document_action, document_event
from chanspec.channels import discovery as channels_discovery
from chanspec.decorators import channel
from chanspec.discovery import generator_of
from chanspec.enforcement import ContractMiddleware, Drift
from chanspec.starlette.discovery import walk
from tests.starlette.consumers import ChatConsumer


@dataclass
class Line:
    text: str


@channel(name="talk", description="Where people talk")
class Talk:
    @document_action(summary="Say something", payload=Line, responses={"said": None})
    def say(self) -> None: ...

    @document_event("said", payload=Line)
    def said(self) -> None: ...


@describe(Talk)
async def function(websocket: WebSocket) -> None:
    await websocket.accept()
    said = await websocket.receive_json()
    await websocket.send_json({"type": "said", "text": said.get("text")})
    await websocket.close()


async def prefixed(prefix: str, websocket: WebSocket) -> None:
    await function(websocket)


def logged(inner: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(inner)
    async def outer(*args: Any, **kwargs: Any) -> Any:
        return await inner(*args, **kwargs)

    return outer


@describe(Talk)
async def application(scope: Any, receive: Any, send: Any) -> None:
    await function(WebSocket(scope, receive, send))


partial_application = functools.partial(application)


class Instance:
    """An ASGI application that describes itself."""

    @document_action(payload=Line)
    def say(self) -> None: ...

    @document_event("said", payload=Line)
    def said(self) -> None: ...

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await function.__wrapped__(WebSocket(scope, receive, send))


class Endpoint(WebSocketEndpoint):
    encoding = "json"

    @document_action("Say something", action="say", payload=Line, responses={"said": Line})
    async def on_receive(self, websocket: WebSocket, data: Any) -> None:
        await websocket.send_json({"type": "said", "text": data.get("text")})
        await websocket.close()


def name() -> str:
    return "Ada"


def by_fastapi(endpoint: Any) -> FastAPI:
    served = FastAPI()
    served.websocket("/ws")(endpoint)
    return served


def included(endpoint: Any) -> FastAPI:
    router, served = APIRouter(), FastAPI()
    router.websocket("/ws")(endpoint)
    served.include_router(router)
    return served


def by_starlette(endpoint: Any) -> Starlette:
    return Starlette(routes=[WebSocketRoute("/ws", endpoint)])


@describe(Talk)
async def depending(websocket: WebSocket, who: Annotated[str, Depends(name)], token: str = "") -> None:
    assert who == "Ada"
    await function(websocket)


@describe(Talk)
async def without_websocket(connection: Annotated[WebSocket, Depends(lambda: None)]) -> None: ...


SERVED = {
    "a function of FastAPI's": by_fastapi(function),
    "one of an included router": included(function),
    "one with dependencies": by_fastapi(depending),
    "one in a wrapper": by_fastapi(logged(function)),
    "a wrapper": by_fastapi(describe(Talk)(logged(function.__wrapped__))),  # type: ignore[attr-defined]
    "a function of Starlette's": by_starlette(function),
    "a partial": by_starlette(describe(Talk)(functools.partial(prefixed, ">"))),
    "a partial of what is described": by_starlette(functools.partial(describe(Talk)(prefixed), ">")),
    "a partial of FastAPI's": by_fastapi(functools.partial(describe(Talk)(depending.__wrapped__), token="t")),  # type: ignore[attr-defined]
    "an application in a mount": Starlette(routes=[Mount("/ws", application)]),
    "an application in a partial": Starlette(routes=[Mount("/ws", functools.partial(application))]),
    "an instance": by_starlette(Instance()),
    "a marked instance": by_starlette(describe(Talk)(type("Other", (), {"__call__": Instance.__call__})())),
    "an endpoint's class": by_starlette(Endpoint),
}


@pytest.mark.parametrize("which", SERVED)
async def test_is_found_documented_and_checked(which, official_parser):
    served = SERVED[which]
    discovery = walk(served)
    assert discovery.problems == ()
    (route,) = discovery.documented
    address = route.address.path
    assert address in ("/ws", "/ws/")
    generator = generator_of(served, info={"title": "Talk", "version": "1"})
    document = generator.get_spec()
    assert {operation["action"] for operation in document["operations"].values()} >= {"receive"}
    assert {
        message["payload"]["properties"].keys() >= {"text"} for message in document["components"]["messages"].values()
    } == {True}
    official_parser.check(document)

    drifts: list[Drift] = []
    checked = ContractMiddleware(served, mode="warn", on_drift=drifts.append)
    for text in ("hi", 7):
        with TestClient(checked).websocket_connect(address) as websocket:
            websocket.send_json({"action": "say", "text": text})
            assert websocket.receive_json() == {"type": "said", "text": text}
    assert [(drift.direction, drift.message) for drift in drifts] == [("in", "say"), ("out", "said")]


async def test_a_middleware_that_copies_the_scope_hides_nothing():
    async def copying(scope: Any, receive: Any, send: Any) -> None:
        await by_fastapi(function)(dict(scope), receive, send)

    checked = ContractMiddleware(copying, mode="warn")
    with TestClient(checked).websocket_connect("/ws") as websocket:
        websocket.send_json({"action": "shout"})
        websocket.receive_json()
    assert checked.drifts.total == 2


async def test_a_described_application_is_served_by_itself(serve):
    """A server that calls it without arguments, to see whether it is a factory, is refused."""
    async with serve(application).websocket("/") as connection:
        await connection.send('{"action": "say", "text": "hi"}')
        assert json.loads(await connection.recv()) == {"type": "said", "text": "hi"}


def test_a_contract_is_documented_under_its_own_name():
    document = AsyncAPIGenerator(Talk, channel_path="/ws").get_spec()
    assert document["channels"]["talk"]["description"] == "Where people talk"


def test_the_function_is_called_as_before():
    async def add(one: int, other: int = 1) -> int:
        """Adds."""
        return one + other

    described = describe(Talk)(add)
    assert (described.__name__, described.__doc__) == ("add", "Adds.")


class TestMistakes:
    def test_in_what_describes_are_errors(self):
        class Silent:
            """Declares nothing."""

        with pytest.raises(TypeError, match=r"Silent declares no message; decorate its methods with @document_action"):
            describe(Silent)
        with pytest.raises(TypeError, match=r"ChatConsumer serves connections itself; route its as_asgi\(\)"):
            describe(ChatConsumer)
        with pytest.raises(TypeError, match=r"takes a class, not <function .*; write @describe\(Chat\)"):
            describe(function)  # type: ignore[arg-type]

    def test_in_what_is_described_are_errors(self):
        with pytest.raises(TypeError, match=r"decorate the methods of .*:Endpoint with @document_action themselves"):
            describe(Talk)(Endpoint)
        with pytest.raises(TypeError, match=r"@describe\(Talk\) decorates a function, not 'no'"):
            describe(Talk)("no")  # type: ignore[type-var]
        with pytest.raises(TypeError, match=r"is described by Talk already"):
            describe(Talk)(function)
        with pytest.raises(TypeError, match=r"ChatConsumer\.as_asgi\(\) is described by ChatConsumer already"):
            describe(Talk)(ChatConsumer.as_asgi())
        with pytest.raises(TypeError, match=r"cannot mark .*; decorate the function where it is defined"):
            describe(Talk)("".join)

    @pytest.mark.parametrize(
        ("served", "said"),
        [
            (by_starlette(application), "routed at '/ws' by WebSocketRoute, whose one argument it does not take"),
            (by_starlette(depending), "routed at '/ws' by WebSocketRoute, whose one argument it does not take"),
            (by_fastapi(application), "parameters of the query: nobody is let in; route it with Mount(path, …)"),
            (
                Starlette(routes=[Mount("/ws", function)]),
                "called with scope, receive and send at '/ws/', which it does",
            ),
        ],
    )
    def test_a_function_that_its_route_cannot_call_is_a_problem(self, served, said):
        discovery = walk(served)
        assert discovery.routes == ()
        assert said in str(discovery.problems[0])

    def test_declarations_on_the_function_itself_are_a_problem(self):
        @document_action("Say something", action="say", payload=Line)
        async def chat(websocket: WebSocket) -> None: ...

        for served in (by_fastapi(chat), by_starlette(chat)):
            (problem,) = walk(served).problems
            assert str(problem).endswith("put @describe(TheClass) on the function")

    def test_a_function_without_a_description_is_none(self):
        async def chat(websocket: WebSocket) -> None: ...

        class Silent(WebSocketEndpoint):
            """Declares nothing."""

        for served in (by_fastapi(chat), by_starlette(chat), by_starlette(Silent)):
            assert (walk(served).routes, walk(served).problems) == ((), ())


async def test_an_application_that_channels_routes_is_found_too():
    routed = ProtocolTypeRouter({"websocket": URLRouter([path("ws/", application), path("p/", partial_application)])})
    assert [(route.consumer, route.address.path) for route in channels_discovery.discover(routed)] == [
        (Talk, "/ws/"),
        (Talk, "/p/"),
    ]
    checked = ContractMiddleware(routed, mode="warn")
    with TestClient(checked).websocket_connect("/ws/") as websocket:
        websocket.send_json({"action": "shout", "text": "hi"})
        websocket.receive_json()
    assert checked.drifts.total == 1


def test_describe_above_the_decorator_that_routes_is_told() -> None:
    app = FastAPI()

    @describe(Talk)
    @app.websocket("/talk")
    async def late(websocket: WebSocket) -> None: ...

    app.websocket("/again")(late)
    found = walk(app)
    assert [route.address.path for route in found.documented] == ["/again"]
    [problem] = found.problems
    assert str(problem).endswith(
        "late: it is routed without what @describe says of it, which stands above the decorator that routes it; "
        "put @describe right above the function, below @app.websocket"
    )
