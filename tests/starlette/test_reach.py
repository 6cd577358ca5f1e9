"""Addresses that no connection reaches: they are not documented, and it is said why. Each verdict is tried out."""

from __future__ import annotations

import re
from contextlib import nullcontext
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Host, Match, Mount, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles

from chanspec.starlette.discovery import walk
from tests.starlette.asgi import is_accepted
from tests.starlette.consumers import ChatConsumer, FeedConsumer

CHAT, FEED = ChatConsumer.as_asgi(), FeedConsumer.as_asgi()


class DayConvertor(Convertor[str]):
    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class FussyConvertor(DayConvertor):
    regex = "[QX]{3}!{5}"


register_url_convertor("day", DayConvertor())
register_url_convertor("fussy", FussyConvertor())


def at(path: str, endpoint: Any = FEED) -> WebSocketRoute:
    return WebSocketRoute(path, endpoint)


async def function(websocket: Any) -> None: ...


def under(root_path: str) -> FastAPI:
    with pytest.warns(match="root_path") if root_path else nullcontext():
        application = FastAPI(root_path=root_path)
    application.websocket("/ws")(FEED)
    return application


def mounted(application: Any, path: str = "/v1", outer: Any = None) -> FastAPI:
    outer = outer or FastAPI()
    outer.mount(path, application)
    return outer


def included(*before: tuple[str, Any]) -> FastAPI:
    router = APIRouter()
    router.websocket("/ws")(FEED)
    application = FastAPI()
    for path, endpoint in before:
        application.websocket(path)(endpoint)
    application.include_router(router, prefix="/api")
    return application


FIRST = "takes its connections, because it comes first; put the narrower route first, or give it another path"
UNREACHED = {
    "a mount for everything": (
        Starlette(routes=[Mount("/", StaticFiles(directory=".")), at("/ws")]),
        "/ws",
        "Mount('/')",
    ),
    "a mount above": (Starlette(routes=[Mount("/a", Router([])), at("/a/ws")]), "/a/ws", "Mount('/a')"),
    "a wider parameter": (Starlette(routes=[at("/{x}", function), at("/ws")]), "/ws", "the route '/{x}'"),
    "a parameter of any kind": (Starlette(routes=[at("/{x}", function), at("/{n:int}")]), "/7", "the route '/{x}'"),
    "a path": (Starlette(routes=[at("/{x:path}", function), at("/a/ws")]), "/a/ws", "the route '/{x:path}'"),
    "the same path": (Starlette(routes=[at("/ws", function), at("/ws")]), "/ws", "the route '/ws'"),
    "a route of the project's convertor": (
        Starlette(routes=[at("/{x}", function), at("/{d:day}")]),
        "/2026-11-30",
        "the route '/{x}'",
    ),
    "a route before an included router": (included(("/api/{x}", function)), "/api/ws", "the route '/api/{x}'"),
    "a route within a mount": (
        mounted(Starlette(routes=[at("/{x}", function), at("/ws")])),
        "/v1/ws",
        "the route '/{x}'",
    ),
    "a router's own route for the root": (Router([at("/", function)], default=FEED), "/", "the route '/'"),
}


@pytest.mark.parametrize("name", UNREACHED)
async def test_an_address_whose_connections_another_route_takes_is_a_problem(name):
    application, path, taker = UNREACHED[name]
    discovery = walk(application)
    assert discovery.routes == ()
    (problem,) = discovery.problems
    assert re.fullmatch(
        rf"tests\.starlette\.consumers:FeedConsumer: no connection arrives at it at '[^']+': {re.escape(taker)} "
        + re.escape(FIRST),
        str(problem),
    )
    assert not await serves(application, path)


async def serves(application: Any, path: str, **headers: str) -> bool:
    try:
        return await is_accepted(application, path, headers=headers)
    except (AssertionError, IndexError):  # StaticFiles serve no WebSocket; a function may answer nothing
        return False


REACHED = {
    "the narrower first": (Starlette(routes=[at("/ws"), at("/{x}", function)]), ["/ws"]),
    "parameters of different kinds": (Starlette(routes=[at("/{n:int}", function), at("/{x}")]), ["/word"]),
    "a literal before a parameter": (Starlette(routes=[at("/1", function), at("/{n:int}")]), ["/2"]),
    "a convertor of the project's": (Starlette(routes=[at("/{d:day}", function), at("/{x}")]), ["/word"]),
    "a convertor that takes no example": (Starlette(routes=[at("/{f:fussy}")]), ["/QXQ!!!!!"]),
    "routes of HTTP": (Starlette(routes=[Route("/ws", PlainTextResponse("")), at("/ws")]), ["/ws"]),
    "a mount afterwards": (Starlette(routes=[at("/ws"), Mount("/", Router([]))]), ["/ws"]),
    "an included router": (included(("/other/{x}", function)), ["/api/ws"]),
    "an application at a mount": (mounted(under("")), ["/v1/ws"]),
    "one that is told where it is": (mounted(under("/v1")), ["/v1/ws"]),
    "one behind a proxy": (under("/api"), ["/ws", "/api/ws"]),
    "one in an application behind a proxy": (mounted(under(""), outer=under("/api")), ["/api/v1/ws"]),
    "unicode": (Starlette(routes=[at("/é b/{x}")]), ["/é b/x"]),
}


@pytest.mark.parametrize("name", REACHED)
async def test_an_address_that_is_reached_is_documented(name):
    application, paths = REACHED[name]
    discovery = walk(application)
    assert discovery.problems == ()
    assert FeedConsumer in [route.consumer for route in discovery.routes]
    for path in paths:
        assert await serves(application, path)


async def test_a_mounted_application_with_another_root_path_is_a_problem():
    application = mounted(under("/v2"))
    (problem,) = walk(application).problems
    assert str(problem) == (
        "tests.starlette.consumers:FeedConsumer: no connection arrives at it at '/v1/ws': FastAPI(root_path='/v2') is"
        " mounted at '/v1', and then finds no route; leave root_path= out: a mount tells its application where it is"
    )
    assert not await serves(application, "/v1/ws")
    assert not await serves(application, "/v2/ws")


async def test_an_escaped_path_is_a_problem():
    application = Starlette(routes=[at("/a%20b")])
    (problem,) = walk(application).problems
    assert "the route '/a%20b' does not match it; correct the path of the route" in str(problem)
    assert not await serves(application, "/a b")


async def test_the_same_route_twice_is_none():
    discovery = walk(Starlette(routes=[at("/ws"), at("/ws")]))
    assert (len(discovery.routes), discovery.problems) == (1, ())


async def test_a_host_takes_the_connections_of_the_hosts_it_covers():
    wide, narrow = Host("{any}.example", Router([at("/ws", CHAT)])), Host("a.example", Router([at("/ws")]))
    assert [route.consumer for route in walk(Starlette(routes=[narrow, wide])).routes] == [FeedConsumer, ChatConsumer]
    shadowed = Starlette(routes=[wide, narrow])
    assert "Host('{any}.example') takes its connections" in str(walk(shadowed).problems[0])
    assert [route.consumer for route in walk(shadowed).routes] == [ChatConsumer]
    assert not await serves(Starlette(routes=[Host("{any}.example", Router([])), narrow]), "/ws", host="a.example")


async def test_routes_of_the_projects_own_kind_are_asked():
    class Greedy(BaseRoute):
        def matches(self, scope: Any) -> Any:
            return Match.FULL, {}

        async def handle(self, scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "websocket.close"})

    class Raising(Greedy):
        def matches(self, scope: Any) -> Any:
            raise LookupError(scope["path"])

    assert "Greedy" in str(walk(Starlette(routes=[Greedy(), at("/ws")])).problems[0])
    assert not await serves(Starlette(routes=[Greedy(), at("/ws")]), "/ws")
    assert walk(Starlette(routes=[Raising(), at("/ws")])).problems == ()  # it cannot be told


def test_a_thousand_consumers_are_asked_for_in_a_moment():
    """By what their paths begin with: each route need not be asked for each address."""
    asked = 0

    class Counting(WebSocketRoute):
        def matches(self, scope: Any) -> Any:
            nonlocal asked
            asked += 1
            return super().matches(scope)

    Counting.__module__ = WebSocketRoute.__module__
    discovery = walk(Starlette(routes=[Counting(f"/ws/{number:04}/{{x}}", FEED) for number in range(1000)]))
    assert len(discovery.routes) == 1000
    assert asked == 1000
