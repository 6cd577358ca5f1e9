"""Consumers found in real Starlette and FastAPI routing, and that each is served where it was found."""

from __future__ import annotations

import functools
import logging
import re
from inspect import isfunction
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles

from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.runtime.consumer import Consumer
from chanspec.starlette.discovery import DiscoveryError, discover, walk
from chanspec.starlette.origin import OriginValidator
from tests.starlette.asgi import is_accepted
from tests.starlette.consumers import ChatConsumer, FeedConsumer, SilentConsumer

CHAT = WebSocketRoute("/ws/{room_id}/chat", ChatConsumer.as_asgi())
FEED = WebSocketRoute("/feed", FeedConsumer.as_asgi())
FOUND = [("ChatConsumer", "/ws/{room_id}/chat")]


async def home(request: Any) -> PlainTextResponse:
    return PlainTextResponse("home")


async def found(application: Any, **parameters: str) -> list[tuple[str, str]]:
    """What is found; each consumer is served there, and nothing was complained about."""
    discovery = walk(application)
    assert discovery.problems == ()
    for route in discovery.routes:
        path = re.sub(r"\{(\w+)\}", lambda match: parameters.get(match[1], "7"), route.address.path)
        assert await is_accepted(application, path), path
    return [(route.consumer.__name__, route.address.path) for route in discovery.routes]


def problems(application: Any) -> list[str]:
    return [str(problem) for problem in walk(application).problems]


class HoldingMiddleware:
    """Keeps the application inside under a name of its own."""

    def __init__(self, wrapped: Any) -> None:
        self.wrapped = wrapped

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.wrapped(scope, receive, send)


class SlottedMiddleware:
    __slots__ = ("within",)

    def __init__(self, within: Any) -> None:
        self.within = within

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.within(scope, receive, send)


def function_middleware(inner: Any) -> Any:
    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        await inner(scope, receive, send)

    return middleware


HIDDEN: dict[int, Any] = {}


class OpaqueMiddleware:
    """Shows nothing of what is inside."""

    __slots__ = ("key",)

    def __init__(self, inner: Any) -> None:
        self.key = id(self)
        HIDDEN[self.key] = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await HIDDEN[self.key](scope, receive, send)


class Foreign(Consumer[Any]):
    """Its application is a function, as those of Channels are."""

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


class TestStarlette:
    async def test_routes_of_the_application(self):
        assert await found(Starlette(routes=[Route("/", home), CHAT])) == FOUND

    async def test_a_router_alone(self):
        assert await found(Router([CHAT])) == FOUND

    async def test_a_route_alone(self):
        assert await found(CHAT) == FOUND

    async def test_a_consumer_alone_serves_every_path(self):
        assert await found(ChatConsumer.as_asgi()) == [("ChatConsumer", "/")]

    async def test_mounted_routes(self):
        application = Starlette(routes=[Mount("/api", routes=[Mount("/v{version:int}", routes=[CHAT])])])
        assert await found(application) == [("ChatConsumer", "/api/v{version}/ws/{room_id}/chat")]

    async def test_a_mount_at_the_root(self):
        assert await found(Starlette(routes=[Mount("/", routes=[CHAT])])) == FOUND

    async def test_a_mounted_application(self):
        application = Starlette()
        application.mount("/inner", Starlette(routes=[CHAT]))
        assert await found(application) == [("ChatConsumer", "/inner/ws/{room_id}/chat")]

    async def test_a_class_as_the_endpoint(self):
        assert await found(Starlette(routes=[WebSocketRoute("/ws/{room_id}/chat", ChatConsumer)])) == FOUND
        assert await found(Starlette(routes=[Mount("/ws", ChatConsumer)])) == [("ChatConsumer", "/ws/")]

    async def test_a_mounted_consumer_is_served_below_the_slash(self):
        application = Starlette(routes=[Mount("/ws/{room_id}", ChatConsumer.as_asgi())])
        assert await found(application) == [("ChatConsumer", "/ws/{room_id}/")]
        assert not await is_accepted(application, "/ws/7")

    async def test_a_default_application(self):
        assert await found(Router([FEED], default=ChatConsumer.as_asgi())) == [
            ("FeedConsumer", "/feed"),
            ("ChatConsumer", "/"),
        ]

    async def test_a_host(self):
        application = Starlette(routes=[Host("chat.example", Router([CHAT]))])
        assert await found(application) == FOUND

    async def test_a_consumer_at_several_paths(self):
        again = WebSocketRoute("/again", ChatConsumer.as_asgi())
        shared = Starlette(routes=[CHAT])
        application = Starlette(routes=[CHAT, again, Mount("/a", shared), Mount("/b", shared)])
        assert [path for _, path in await found(application)] == [
            "/ws/{room_id}/chat",
            "/again",
            "/a/ws/{room_id}/chat",
            "/b/ws/{room_id}/chat",
        ]

    async def test_static_files_and_other_http_are_passed_over_silently(self, tmp_path):
        routes = [Mount("/static", StaticFiles(directory=tmp_path)), Mount("/opaque", OpaqueMiddleware(home)), CHAT]
        assert await found(Starlette(routes=routes)) == FOUND


class TestFastAPI:
    async def test_routes_of_the_application(self):
        assert await found(FastAPI(routes=[CHAT])) == FOUND

    async def test_routes_that_are_appended(self):
        application = FastAPI()
        application.router.routes.append(CHAT)
        assert await found(application) == FOUND

    async def test_an_included_router_with_prefixes(self):
        inner = APIRouter(prefix="/inner", routes=[CHAT])
        outer = APIRouter()
        outer.include_router(inner, prefix="/outer")
        application = FastAPI()
        application.include_router(outer, prefix="/api")
        served = walk(application).routes[0].address.path
        # A router's own prefix is not put before routes that are passed to it.
        assert await found(application) == [("ChatConsumer", served)]
        assert served == "/api/outer/ws/{room_id}/chat"

    async def test_a_router_that_is_included_twice(self):
        router = APIRouter(routes=[CHAT])
        application = FastAPI()
        application.include_router(router, prefix="/a")
        application.include_router(router, prefix="/b/{tenant}")
        assert [path for _, path in await found(application)] == [
            "/a/ws/{room_id}/chat",
            "/b/{tenant}/ws/{room_id}/chat",
        ]

    async def test_mounts_of_an_included_router(self):
        router = APIRouter(routes=[Mount("/m", routes=[CHAT]), Mount("/c", ChatConsumer.as_asgi())])
        application = FastAPI()
        application.include_router(router, prefix="/api")
        assert [path for _, path in await found(application)] == ["/api/m/ws/{room_id}/chat", "/api/c/"]

    async def test_routes_added_after_looking_are_served_and_found(self):
        router = APIRouter(routes=[CHAT])
        application = FastAPI()
        application.include_router(router, prefix="/api")
        walk(application)
        router.routes.append(FEED)
        assert ("FeedConsumer", "/api/feed") in await found(application)

    async def test_a_mounted_application(self):
        application = FastAPI()
        application.mount("/v1", FastAPI(routes=[CHAT]))
        assert await found(application) == [("ChatConsumer", "/v1/ws/{room_id}/chat")]

    async def test_function_endpoints_are_no_consumers(self):
        application = FastAPI(routes=[CHAT])

        @application.websocket("/plain/{name}")
        async def plain(websocket: WebSocket, name: str) -> None: ...

        assert await found(application) == FOUND

    async def test_middleware_of_a_route_is_lost_when_its_router_is_included(self):
        """FastAPI makes included routes anew from their endpoints: put the validator around the endpoint."""
        guarded = WebSocketRoute("/a", ChatConsumer.as_asgi(), middleware=[Middleware(OriginValidator, ["a.example"])])
        wrapped = WebSocketRoute("/b", OriginValidator(ChatConsumer.as_asgi(), ["a.example"]))
        application = FastAPI()
        application.include_router(APIRouter(routes=[guarded, wrapped]))
        assert [route.address.path for route in walk(application).routes] == ["/a", "/b"]
        assert problems(application) == [
            "route '/a': its middleware does not run: include_router makes the route anew without it;"
            " put the middleware around the endpoint, as in OriginValidator(ChatConsumer.as_asgi())"
        ]
        assert await is_accepted(application, "/a")
        assert not await is_accepted(application, "/b")


class TestMiddleware:
    @pytest.mark.parametrize(
        "wrap",
        [
            HoldingMiddleware,
            SlottedMiddleware,
            function_middleware,
            GZipMiddleware,
            functools.partial(OriginValidator, allowed_origins=["*"]),
            lambda inner: HoldingMiddleware(SlottedMiddleware(function_middleware(inner))),
        ],
    )
    async def test_is_looked_through(self, wrap):
        assert await found(wrap(Starlette(routes=[CHAT]))) == FOUND
        assert await found(Starlette(routes=[Mount("/m", wrap(Router([FEED])))])) == [("FeedConsumer", "/m/feed")]
        endpoint = wrap(CHAT.app)
        if not isfunction(endpoint):  # which Starlette calls with a WebSocket
            assert await found(Starlette(routes=[WebSocketRoute("/ws/{room_id}/chat", endpoint)])) == FOUND

    async def test_of_an_application_before_and_after_its_first_request(self):
        application = Starlette(routes=[CHAT], middleware=[Middleware(HoldingMiddleware)])
        assert await found(application) == FOUND
        assert application.middleware_stack is not None
        assert await found(application) == FOUND

    async def test_of_routes_routers_and_mounts(self):
        middleware = [Middleware(OpaqueMiddleware)]
        chat = WebSocketRoute("/chat", ChatConsumer.as_asgi(), middleware=middleware)
        routes = [Mount("/m", routes=[chat], middleware=middleware), Mount("/r", Router([chat], middleware=middleware))]
        assert [path for _, path in await found(Starlette(routes=routes))] == ["/m/chat", "/r/chat"]

    def test_that_hides_what_is_inside_is_named(self):
        hidden = OpaqueMiddleware(ChatConsumer.as_asgi())
        assert problems(Starlette(routes=[WebSocketRoute("/ws/{room}", hidden)])) == [
            "tests.starlette.test_discovery:OpaqueMiddleware: the application inside this middleware cannot be seen, so"
            " consumers behind '/ws/{room}' may be missing; keep it in an attribute named `inner` or `app`, or name the"
            " consumers and their paths yourself"
        ]
        assert "OpaqueMiddleware" in problems(OpaqueMiddleware(Starlette(routes=[CHAT])))[0]


class TestAddresses:
    async def test_have_no_convertors(self):
        path = "/{a:int}/{b:float}/{c:uuid}/{d:str}/{e}/{f:path}"
        application = Starlette(routes=[WebSocketRoute(path, ChatConsumer.as_asgi())])
        (route,) = discover(application)
        assert route.address.path == "/{a}/{b}/{c}/{d}/{e}/{f}"
        schemas = {name: each.schema for name, each in route.address.parameters.items()}
        assert schemas == {
            "a": {"type": "integer"},
            "b": {"type": "number"},
            "c": {"type": "string", "format": "uuid"},
            "d": {"type": "string"},
            "e": {"type": "string"},
            "f": {"type": "string"},
        }
        assert route.address.parameters["c"].description == "A UUID."

    async def test_describe_convertors_of_the_project(self):
        class Colour(Convertor[str]):
            """A colour in hexadecimal.

            More text.
            """

            regex = "[0-9a-f]{6}"

            def convert(self, value: str) -> str:
                return value

        class Odd(Colour):
            __doc__ = None
            regex = "(?P<letter>[a-z])(?P=letter)"

        register_url_convertor("colour", Colour())
        register_url_convertor("odd", Odd())
        route = WebSocketRoute("/paint/{colour:colour}/{odd:odd}", ChatConsumer.as_asgi())
        (found_route,) = discover(Starlette(routes=[route]))
        colour, odd = found_route.address.parameters.values()
        assert (colour.schema, colour.description) == (
            {"type": "string", "pattern": "^(?:[0-9a-f]{6})$"},
            "A colour in hexadecimal.",
        )
        assert odd.schema == {"type": "string"}

    def test_that_cannot_be_written_are_problems(self):
        route = WebSocketRoute("/{a}/<b", ChatConsumer.as_asgi())
        assert "stray '<'" in problems(Starlette(routes=[route]))[0]
        nested = Mount("/{room_id}", routes=[CHAT])
        assert "'room_id' occurs twice" in problems(Starlette(routes=[nested]))[0]


class TestMistakes:
    def test_a_class_of_another_framework_is_a_problem(self):
        assert problems(Starlette(routes=[WebSocketRoute("/ws", Foreign)])) == [
            "tests.starlette.test_discovery:Foreign: the class itself is routed at '/ws', which does not serve;"
            " write Foreign.as_asgi()"
        ]

    def test_an_application_in_a_function_is_a_problem(self):
        @functools.wraps(ChatConsumer, updated=())
        async def application(scope: Any, receive: Any, send: Any) -> None: ...

        application.consumer_class = ChatConsumer  # type: ignore[attr-defined]
        (problem,) = problems(Starlette(routes=[WebSocketRoute("/ws", application)]))
        assert "which Starlette does not call as an application" in problem

    def test_what_leads_nowhere_is_an_error(self):
        async def application(scope: Any, receive: Any, send: Any) -> None: ...

        for each in (application, object(), None, "app"):
            with pytest.raises(DiscoveryError, match="leads to no router and no consumer"):
                walk(each)

    def test_middleware_that_contains_itself_ends(self):
        middleware = HoldingMiddleware(None)
        middleware.wrapped = middleware
        assert "HoldingMiddleware: the application inside this middleware cannot be seen" in problems(middleware)[0]

    def test_problems_are_logged_as_warnings(self, caplog):
        with caplog.at_level(logging.WARNING, logger="chanspec"):
            assert discover(Starlette(routes=[WebSocketRoute("/ws", Foreign)])) == []
        assert "the class itself is routed" in caplog.text

    def test_consumers_without_messages_are_left_out(self):
        silent = WebSocketRoute("/silent", SilentConsumer.as_asgi())
        assert [route.consumer for route in discover(Starlette(routes=[silent, CHAT]))] == [ChatConsumer]


class TestWithin:
    def test_addresses_of_a_mounted_application_begin_at_the_root(self):
        inner = FastAPI(routes=[CHAT])
        outer = FastAPI(routes=[FEED])
        outer.mount("/v1", inner)
        assert [route.address.path for route in discover(inner, within=outer)] == ["/v1/ws/{room_id}/chat"]
        assert [route.address.path for route in discover(inner)] == ["/ws/{room_id}/chat"]

    def test_an_application_that_is_not_within_is_walked_alone(self):
        inner, outer = FastAPI(routes=[CHAT]), FastAPI(routes=[FEED])
        assert [route.address.path for route in discover(inner, within=outer)] == ["/ws/{room_id}/chat"]

    def test_problems_elsewhere_are_not_its_own(self):
        inner = FastAPI(routes=[CHAT])
        outer = FastAPI(routes=[WebSocketRoute("/wrong", Foreign)])
        outer.mount("/v1", inner)
        assert walk(inner, within=outer).problems == ()
