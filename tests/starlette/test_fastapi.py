"""Consumers as the endpoints of FastAPI's own routes: what ``__init__`` takes is FastAPI's to fill in."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path
from fastapi import (
    APIRouter,
    Cookie,
    Depends,
    FastAPI,
    Header,
    HTTPException,
    Query,
    WebSocket,
    WebSocketException,
)
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from chanspec.channels import discovery as channels_discovery
from chanspec.decorators import event_handler, ws_handler
from chanspec.discovery import document_of
from chanspec.enforcement import ContractMiddleware
from chanspec.messages import PingMessage, PongMessage
from chanspec.starlette.discovery import walk
from chanspec.starlette.origin import OriginValidator
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from tests.starlette.consumers import AlarmEvent, FeedConsumer, Line, SaidMessage, SayMessage, SecretConsumer

PONG = {"action": "pong", "payload": None}
EVENTS: list[str] = []
_PLACES = ("router", "include", "application", "around")


class Session:
    """A database's."""


def session() -> Iterator[Session]:
    EVENTS.append("opened")
    try:
        yield Session()
    finally:
        EVENTS.append("released")


async def who(websocket: WebSocket, token: str = "") -> str:
    if token == "bad":
        raise WebSocketException(4401, "no such token")
    if token == "denied":
        raise HTTPException(401, "no such token")
    if token == "closed":
        await websocket.close(1008)
    if token == "accepted":
        await websocket.accept()
    return token


SessionOf = Annotated[Session, Depends(session)]


class ShopConsumer(AsyncJsonWebsocketConsumer):
    def __init__(
        self,
        shop: int,
        db: SessionOf,
        token: str = Depends(who),
        page: Annotated[int, Query(le=9)] = 1,
        x_key: Annotated[str | None, Header()] = None,
        visitor: Annotated[str | None, Cookie()] = None,
    ) -> None:
        super().__init__()
        self.filled = [shop, type(db).__name__, token, page, x_key, visitor]

    @ws_handler
    async def handle_say(self, message: SayMessage) -> SaidMessage:
        EVENTS.append("handled")
        return SaidMessage(payload=Line(text=repr(self.filled)))


@pytest.fixture(autouse=True)
def events() -> list[str]:
    EVENTS.clear()
    return EVENTS


def asked(application: Any, address: str, **headers: str) -> str:
    """What the consumer at a path says its ``__init__`` was given."""
    with TestClient(application).websocket_connect(address, headers=headers) as websocket:
        websocket.send_json({"action": "say", "payload": {"text": ""}})
        answer: str = websocket.receive_json()["payload"]["text"]
    return answer


def is_served(application: Any, address: str) -> bool:
    with TestClient(application).websocket_connect(address) as websocket:
        websocket.send_json({"action": "ping"})
        return bool(websocket.receive_json() == PONG)


def made_elsewhere(base: Any) -> Any:
    """A subclass, made where the names of its base's annotations are not known."""
    return type("Derived", (base,), {})


def documented(application: Any) -> list[str]:
    discovery = walk(application)
    assert discovery.problems == ()
    return [route.address.path for route in discovery.routes]


def problems(application: Any) -> list[str]:
    assert walk(application).routes == ()
    return [str(problem) for problem in walk(application).problems]


class TestRouting:
    def test_by_each_of_fastapis_own_ways(self):
        router = APIRouter(prefix="/own")
        router.websocket("/decorated")(FeedConsumer.as_asgi())
        router.add_api_websocket_route("/added", FeedConsumer.as_asgi())
        application = FastAPI()
        application.websocket("/decorated")(FeedConsumer.as_asgi())
        application.add_api_websocket_route("/added", FeedConsumer.as_asgi())
        application.include_router(router, prefix="/api")
        paths = ["/decorated", "/added", "/api/own/decorated", "/api/own/added"]
        assert documented(application) == paths
        assert all(is_served(application, each) for each in paths)

    def test_one_application_serves_by_every_kind_of_route(self):
        one = FeedConsumer.as_asgi()
        application = FastAPI(routes=[WebSocketRoute("/starlettes", one)])
        application.websocket("/fastapis")(one)
        application.router.add_websocket_route("/added", one)
        application.mount("/mounted", one)
        paths = ["/starlettes", "/fastapis", "/added", "/mounted/"]
        assert documented(application) == paths
        assert all(is_served(application, each) for each in paths)

    def test_it_is_routed_by_channels_too(self):
        application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/", FeedConsumer.as_asgi())])})
        assert [route.address.path for route in channels_discovery.discover(application)] == ["/ws/"]
        assert is_served(application, "/ws/")

    def test_the_class_itself_is_an_endpoint_too(self):
        application = FastAPI(routes=[WebSocketRoute("/starlettes", FeedConsumer)])

        @application.websocket("/shops/{shop}")
        class Decorated(ShopConsumer):
            """As the function of a path is."""

        assert documented(application) == ["/starlettes", "/shops/{shop}"]
        assert is_served(application, "/starlettes")
        assert asked(application, "/shops/7") == "[7, 'Session', '', 1, None, None]"
        assert isinstance(Decorated(shop=1, db=Session()), Decorated)

    def test_middleware_around_it_serves_and_passes_on_what_was_solved(self):
        class Own:
            def __init__(self, app: Any) -> None:
                self.app = app

            async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
                await self.app(dict(scope), receive, send)

        inside = ShopConsumer.as_asgi()
        wrapped = {
            "/origin/{shop}": OriginValidator(inside, ["*"]),
            "/contract/{shop}": ContractMiddleware(inside),
            "/both/{shop}": ContractMiddleware(OriginValidator(inside, ["*"])),
            "/own/{shop}": OriginValidator(Own(inside), ["*"]),
        }
        application = FastAPI()
        for each, endpoint in wrapped.items():
            application.add_api_websocket_route(each, endpoint)
        assert documented(application) == list(wrapped)
        for each in wrapped:
            assert asked(application, each.format(shop=7)) == "[7, 'Session', '', 1, None, None]"

    @pytest.mark.parametrize("each", [OriginValidator, ContractMiddleware, type(FeedConsumer.as_asgi())])
    def test_the_classes_keep_the_signatures_of_their_constructors(self, each):
        expected = list(inspect.signature(each.__init__).parameters)[1:]
        assert set(inspect.signature(each).parameters) - {"limits"} <= set(expected)

    def test_an_origin_that_is_not_allowed_is_refused(self):
        application = FastAPI()
        application.websocket("/ws")(OriginValidator(FeedConsumer.as_asgi(), ["https://a.example"]))
        with (
            pytest.raises(WebSocketDisconnect),
            TestClient(application).websocket_connect("/ws", headers={"origin": "https://b.example"}),
        ):
            pass

    def test_an_authenticator_decides_as_everywhere(self):
        application = FastAPI()
        application.websocket("/ws")(SecretConsumer.as_asgi())
        with TestClient(application).websocket_connect("/ws?token=secret") as websocket:
            assert websocket.receive_json()["payload"]["status_code"] == 200
        with TestClient(application).websocket_connect("/ws?token=no") as websocket:
            assert websocket.receive_json()["payload"]["status_code"] == 401
            assert websocket.receive() == {"type": "websocket.close", "code": 4401}

    def test_a_mounted_application_documents_itself_and_is_documented(self):
        inner = FastAPI()
        inner.websocket("/shops/{shop}")(ShopConsumer.as_asgi())
        outer = FastAPI()
        outer.mount("/v1", inner)
        assert document_of(outer)["channels"]["ShopConsumer"]["address"] == "/v1/shops/{shop}"
        assert asked(outer, "/v1/shops/7").startswith("[7,")


class TestParameters:
    def application(self, **given: Any) -> FastAPI:
        application = FastAPI()
        application.websocket("/shops/{shop}")(ShopConsumer.as_asgi(**given))
        return application

    def test_come_from_path_query_headers_cookies_and_dependencies(self):
        said = asked(self.application(), "/shops/7?token=t&page=3", **{"x-key": "k", "cookie": "visitor=v"})
        assert said == "[7, 'Session', 't', 3, 'k', 'v']"

    def test_that_as_asgi_was_given_are_not_asked_for(self):
        assert asked(self.application(page=5, token="own"), "/shops/7?page=3&token=bad").startswith(
            "[7, 'Session', 'own', 5,"
        )

    def test_that_are_not_valid_refuse_the_connection(self, events):
        with pytest.raises(WebSocketDisconnect) as refused:
            asked(self.application(), "/shops/7?page=100")
        assert refused.value.code == 1008
        assert "handled" not in events

    def test_a_dependency_is_released_when_the_connection_ends(self, events):
        asked(self.application(), "/shops/7")
        assert events == ["opened", "handled", "released"]

    def test_a_dependency_refuses_by_an_exception_or_by_closing(self, events):
        with pytest.raises(WebSocketDisconnect) as refused:
            asked(self.application(), "/shops/7?token=bad")
        assert refused.value.code == 4401
        with pytest.raises(WebSocketDenialResponse) as denied:
            asked(self.application(), "/shops/7?token=denied")
        assert denied.value.status_code == 401
        with pytest.raises(WebSocketDisconnect) as closed:
            asked(self.application(), "/shops/7?token=closed")
        assert closed.value.code == 1008
        assert "handled" not in events
        assert events.count("opened") == events.count("released") == 3

    def test_a_dependency_that_accepts_is_told_that_the_consumer_does(self):
        with pytest.raises(RuntimeError, match=r"a dependency of .*ShopConsumer.*accepted the connection"):
            asked(self.application(), "/shops/7?token=accepted")

    def test_overrides_of_dependencies_count(self):
        application = self.application()
        application.dependency_overrides[session] = object
        assert asked(application, "/shops/7").startswith("[7, 'object',")

    def test_dependencies_of_routers_run(self, events):
        def noted(name: str) -> Any:
            return Depends(lambda: EVENTS.append(name))

        router = APIRouter(dependencies=[noted("router")])
        router.websocket("/ws", dependencies=[noted("route")])(FeedConsumer.as_asgi())
        application = FastAPI(dependencies=[noted("application")])
        application.include_router(router, prefix="/api", dependencies=[noted("include")])
        assert is_served(application, "/api/ws")
        assert events == ["application", "include", "router", "route"]

    @pytest.mark.parametrize("where", _PLACES)
    def test_dependencies_of_routers_do_not_run_for_routes_of_starlettes_which_is_a_problem(self, where, events):
        told = {each: [Depends(session)] if each == where else [] for each in _PLACES}
        router = APIRouter(routes=[WebSocketRoute("/ws", FeedConsumer.as_asgi())], dependencies=told["router"])
        around = APIRouter(dependencies=told["around"])
        around.include_router(router, dependencies=told["include"])
        around.websocket("/fastapis")(FeedConsumer.as_asgi())
        application = FastAPI(dependencies=told["application"])
        application.include_router(around, prefix="/api")
        discovery = walk(application)
        assert [route.address.path for route in discovery.routes] == ["/api/ws", "/api/fastapis"]
        assert [str(problem) for problem in discovery.problems] == [
            "route '/api/ws': the dependencies of its router do not run: WebSocketRoute is Starlette's; route it as"
            " FastAPI does, as in router.websocket(path)(ChatConsumer.as_asgi())"
        ]
        assert is_served(application, "/api/ws")
        assert events == []

    def test_annotations_may_name_what_is_local_to_a_function(self):
        class Local:
            pass

        def local() -> Local:
            return Local()

        class Base(AsyncJsonWebsocketConsumer):
            def __init__(self, found: Annotated[Local, Depends(local)]) -> None:
                assert isinstance(found, Local)

            @ws_handler
            async def handle_ping(self, message: PingMessage) -> PongMessage:
                return PongMessage()

        class Inheriting(Base):
            pass

        class Overriding(Base):
            def __init__(self, found: Annotated[Session, Depends(Session)]) -> None:
                assert isinstance(found, Session)

        application = FastAPI()
        for number, consumer in enumerate((Base, made_elsewhere(Base), Inheriting, Overriding)):
            application.websocket(f"/{number}")(consumer.as_asgi())
            assert is_served(application, f"/{number}")

    def test_of_a_base_class_are_filled_in(self):
        class Base(AsyncJsonWebsocketConsumer):
            def __init__(self, db: SessionOf) -> None:
                self.db = db

        class Consumer(Base):
            @ws_handler
            async def handle_ping(self, message: PingMessage) -> PongMessage:
                assert isinstance(self.db, Session)
                return PongMessage()

        application = FastAPI()
        application.websocket("/ws")(Consumer.as_asgi())
        assert is_served(application, "/ws")


class TestMistakes:
    @pytest.mark.parametrize(
        "parameter", ["db: SessionOf", "db=Depends(session)", "db: Annotated[int, Query()] = 1", "db: int = Header(1)"]
    )
    @pytest.mark.parametrize("future", ["", "from __future__ import annotations\n"])
    @pytest.mark.parametrize(
        "method",
        [
            "@ws_handler\n    async def take(self, message: PingMessage, {}) -> None: ...",
            "@event_handler\n    async def take(self, event: AlarmEvent, {}) -> None: ...",
            "async def take(self, {}) -> None: ...",
        ],
    )
    def test_a_method_that_takes_a_dependency_is_an_error_that_says_where_it_goes(self, parameter, future, method):
        source = f"{future}class Shop(AsyncJsonWebsocketConsumer):\n    {method.format(parameter)}"
        with pytest.raises(TypeError, match=r"^shop:Shop\.take takes 'db' from FastAPI, .* a parameter of __init__"):
            exec(source, {**globals(), "__name__": "shop"})

    def test_so_is_one_of_a_mixin_or_in_a_wrapper(self):
        class Mixin:
            @ws_handler
            async def take(self, message: PingMessage, db: SessionOf) -> None: ...

        with pytest.raises(TypeError, match=r"Mixin\.take takes 'db' from FastAPI"):
            type("Shop", (Mixin, AsyncJsonWebsocketConsumer), {})

    def test_what_only_depends_on_static_methods_may_have_its_own(self):
        class Shop(AsyncJsonWebsocketConsumer):
            @staticmethod
            def chosen(db: SessionOf) -> str:
                return type(db).__name__

        assert callable(Shop.chosen)

    @pytest.mark.parametrize(
        "route", [WebSocketRoute("/{shop}", ShopConsumer.as_asgi()), Mount("/{shop}", ShopConsumer)]
    )
    def test_a_consumer_that_fastapi_cannot_fill_in_is_a_problem_and_an_error(self, route):
        (problem,) = problems(FastAPI(routes=[route]))
        assert problem == (
            "tests.starlette.test_fastapi:ShopConsumer.__init__: 'db' is FastAPI's to fill in, and the consumer is not"
            " routed by FastAPI; route it with app.websocket(path)(ShopConsumer.as_asgi()), or pass as_asgi(db=…)"
        )
        with pytest.raises(TypeError, match="'db' is FastAPI's to fill in"):
            asked(FastAPI(routes=[route]), "/7/" if isinstance(route, Mount) else "/7")

    def test_one_that_was_given_all_is_none(self):
        given = ShopConsumer.as_asgi(shop=1, db=Session(), token="own")
        assert documented(Starlette(routes=[WebSocketRoute("/ws", given)])) == ["/ws"]
        assert asked(Starlette(routes=[WebSocketRoute("/ws", given)]), "/ws").startswith("[1, 'Session', 'own', 1,")

    def test_other_applications_on_fastapis_routes_are_problems(self):
        class Own:
            def __init__(self, app: Any) -> None:
                self.app = app

            async def __call__(self, scope, receive, send):
                await self.app(scope, receive, send)

        application = FastAPI()
        application.websocket("/ws")(Own(FeedConsumer.as_asgi()))
        assert problems(application) == [
            "tests.starlette.consumers:FeedConsumer: it is routed at '/ws' by FastAPI, which calls the application with"
            " parameters of the query: nobody is let in; route it with WebSocketRoute(path, …), which calls it with"
            " scope, receive and send"
        ]
        with pytest.raises(WebSocketDisconnect):
            is_served(application, "/ws")

    def test_a_parameter_that_fastapi_reads_from_a_body_is_a_problem(self):
        class Shop(FeedConsumer):
            def __init__(self, line: Line) -> None: ...

        application = FastAPI()
        application.websocket("/ws")(Shop.as_asgi())
        (problem,) = problems(application)
        assert "reads its parameter 'line' from a body, and a handshake has none; give 'line' a Depends(…)" in problem

    def test_a_parameter_named_as_one_of_asgis_is_an_error(self):
        class Shop(FeedConsumer):
            def __init__(self, receive: str = "") -> None: ...

        with pytest.raises(TypeError, match=r"Shop\.__init__ takes 'receive', which is a name of ASGI's"):
            FastAPI().websocket("/ws")(Shop.as_asgi())

    def test_an_annotation_that_cannot_be_read_is_an_error(self):
        source = (
            "from __future__ import annotations\nclass Shop(FeedConsumer):\n    def __init__(self, db: Nowhere): ..."
        )
        names = {**globals(), "__name__": "shop"}
        exec(source, names)
        with pytest.raises(TypeError, match=r"shop:Shop\.__init__ has the annotation 'Nowhere', which cannot be read"):
            FastAPI().websocket("/ws")(names["Shop"].as_asgi())


def test_nothing_is_logged_for_a_connection_that_is_served(caplog):
    application = FastAPI()
    application.websocket("/ws")(FeedConsumer.as_asgi())
    with caplog.at_level(logging.WARNING):
        assert is_served(application, "/ws")
    assert caplog.records == []


__all__ = ["AlarmEvent", "event_handler"]  # for the sources above
