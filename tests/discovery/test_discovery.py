"""Consumers found in real Channels routing, through middleware of every shape."""

from __future__ import annotations

import functools
import logging
import sys
import types
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncJsonWebsocketConsumer, WebsocketConsumer
from channels.middleware import BaseMiddleware
from channels.routing import ChannelNameRouter, ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator, OriginValidator
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured
from django.urls import path, re_path

from chanspec.channels.discovery import DiscoveryError, discover, walk
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer as TypedConsumer
from chanspec.decorators import document_action, document_event, ws_handler
from chanspec.messages import PingMessage, PongMessage

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Chat(AsyncJsonWebsocketConsumer):
    @document_action(summary="Say something")
    async def handle_say(self, content: Any) -> None: ...


class Feed(WebsocketConsumer):
    @document_event("feed.item", summary="A new item")
    def feed_item(self, event: Any) -> None: ...


class Undocumented(WebsocketConsumer):
    pass


def paths(application: object) -> list[tuple[str, str]]:
    """What is found, and that nothing was complained about."""
    discovery = walk(application)
    assert discovery.problems == ()
    return [(route.consumer.__name__, route.address.path) for route in discovery.routes]


CHAT = path("ws/chat/", Chat.as_asgi())
FOUND = [("Chat", "/ws/chat/")]


def chat_router() -> URLRouter:
    return URLRouter([CHAT])


# ------------------------------------------------------------------------------------------------------- routers


def test_a_whole_channels_application_is_walked() -> None:
    application = ProtocolTypeRouter(
        {
            "http": get_asgi_application(),
            "websocket": AllowedHostsOriginValidator(
                AuthMiddlewareStack(
                    URLRouter(
                        [
                            path("ws/chat/<int:room_id>/", Chat.as_asgi()),
                            re_path(r"^ws/feeds/(?P<feed>\w+)/$", Feed.as_asgi()),
                        ]
                    )
                )
            ),
            "channel": ChannelNameRouter({"worker": Undocumented.as_asgi()}),
        }
    )
    assert paths(application) == [("Chat", "/ws/chat/{room_id}/"), ("Feed", "/ws/feeds/{feed}/")]


def test_nested_routers_join_their_paths_and_parameters() -> None:
    rooms = URLRouter([path("<slug:room>/", Chat.as_asgi()), path("", Feed.as_asgi())])
    teams = URLRouter([path("<int:team>/rooms/", rooms), re_path(r"^(?P<team>\d+)/feed/$", Feed.as_asgi())])
    discovery = walk(URLRouter([path("ws/", teams)]))
    assert [route.address.path for route in discovery.routes] == [
        "/ws/{team}/rooms/{room}/",
        "/ws/{team}/rooms/",
        "/ws/{team}/feed/",
    ]
    assert {name: p.schema["type"] for name, p in discovery.routes[0].address.parameters.items()} == {
        "team": "integer",
        "room": "string",
    }


def test_the_slash_that_nested_routers_drop_is_written() -> None:
    application = URLRouter([path("ws", URLRouter([path("chat/", Chat.as_asgi())])), re_path("^v2", chat_router())])
    assert paths(application) == [("Chat", "/ws/chat/"), ("Chat", "/v2/ws/chat/")]


async def test_an_address_found_in_nested_routers_is_one_they_route() -> None:
    seen: list[str] = []

    async def consumer(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["path"])

    consumer.consumer_class = Chat  # type: ignore[attr-defined]
    application = URLRouter(
        [path("ws", URLRouter([path("chat/", consumer)])), re_path(r"^v2/(?:x/)?", URLRouter([path("y", consumer)]))]
    )
    for _, address in paths(application):
        await application({"type": "websocket", "path": address}, None, None)
    assert seen == ["/ws/chat/", "/v2/x/y", "/v2/y"]


def test_lists_of_routes_from_several_modules_are_one_router() -> None:
    chat_urls, feed_urls = [CHAT], [path("ws/feed/", Feed.as_asgi())]
    assert paths(URLRouter([*chat_urls, *feed_urls])) == [*FOUND, ("Feed", "/ws/feed/")]


def test_a_consumer_at_several_paths_gives_several_routes_and_at_the_same_path_one() -> None:
    application = URLRouter([CHAT, path("ws/old-chat/", Chat.as_asgi()), path("ws/chat/", Chat.as_asgi(x=1))])
    assert paths(application) == [*FOUND, ("Chat", "/ws/old-chat/")]


def test_of_two_consumers_at_one_path_the_first_is_served() -> None:
    application = ProtocolTypeRouter({"websocket": URLRouter([CHAT, path("ws/chat/", Feed.as_asgi())])})
    discovery = walk(application)
    assert [(route.consumer.__name__, route.address.path) for route in discovery.routes] == FOUND
    [problem] = discovery.problems
    assert problem.where == f"{__name__}:Feed"


def test_a_consumer_without_router_is_at_the_root() -> None:
    assert paths(ProtocolTypeRouter({"websocket": Chat.as_asgi()})) == [("Chat", "/")]


def test_an_instance_of_a_consumer_is_recognised() -> None:
    assert paths(URLRouter([path("ws/chat/", Chat())])) == FOUND


# ---------------------------------------------------------------------------------------------------- middleware


class Inner(BaseMiddleware):
    pass


class OddlyNamed:
    def __init__(self, thing: Application) -> None:
        self.__next_in_line = thing

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.__next_in_line(scope, receive, send)


class Slotted:
    __slots__ = ("__call__", "app", "unused")

    def __init__(self, app: Application) -> None:
        self.app = app
        self.__call__ = self._run

    async def _run(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


class Dispatcher:
    """A hand-made protocol router: both applications are attributes, the HTTP one under a usual name."""

    def __init__(self, app: Any, others: dict[str, Application]) -> None:
        self.app = app
        self.others = others

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.others.get(scope["type"], self.app)(scope, receive, send)


class Holder:
    def __init__(self, inner: Application) -> None:
        self.inner = inner

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        await self.inner(scope, receive, send)


def wrapper(inner: Application) -> Application:
    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        await inner(scope, receive, send)

    return middleware


def wrapper_keeping_attributes(handler: Application) -> Application:
    @functools.wraps(handler)
    async def patched(*args: Any, **kwargs: Any) -> None:
        await handler(*args, **kwargs)

    return patched


def wrapper_with_a_helper(target: Application) -> Application:
    def observe(scope: Any, seconds: float, status: int) -> None:
        logging.getLogger(__name__).debug("%s %s %s", scope, seconds, status, extra={"target": target.__class__})

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        await target(scope, receive, send)
        observe(scope, 0.0, 0)

    return middleware


def class_in_a_function(target: Application) -> Application:
    class Middleware:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            await target(scope, receive, send)

    return Middleware()


async def call_with(inner: Application, scope: Any, receive: Any, send: Any) -> None:
    await inner(scope, receive, send)


async def call_with_keyword(scope: Any, receive: Any, send: Any, *, inner: Application) -> None:
    await inner(scope, receive, send)


def through_default(inner: Application) -> Application:
    async def middleware(scope: Any, receive: Any, send: Any, target: Application = inner) -> None:
        await target(scope, receive, send)

    return middleware


WRAPPERS: list[Callable[[Any], Any]] = [
    Inner,
    OddlyNamed,
    Slotted,
    lambda inner: Dispatcher(get_asgi_application(), {"websocket": inner}),
    lambda inner: Holder(inner).serve,
    lambda inner: functools.partial(call_with, inner),
    lambda inner: functools.partial(call_with_keyword, inner=inner),
    wrapper,
    wrapper_keeping_attributes,
    wrapper_with_a_helper,
    class_in_a_function,
    through_default,
    AuthMiddlewareStack,
    AllowedHostsOriginValidator,
    lambda inner: OriginValidator(inner, ["*"]),
    ASGIStaticFilesHandler,
]


@pytest.mark.parametrize("wrap", WRAPPERS)
@pytest.mark.parametrize("place", ["around everything", "around the router", "around the consumer"])
def test_the_application_inside_any_middleware_is_found(wrap: Callable[[Any], Any], place: str) -> None:
    if place == "around the consumer":
        application: Any = URLRouter([path("ws/chat/", wrap(Chat.as_asgi()))])
    elif place == "around the router":
        application = ProtocolTypeRouter({"websocket": wrap(chat_router())})
    else:
        application = wrap(ProtocolTypeRouter({"http": get_asgi_application(), "websocket": chat_router()}))
    assert paths(application) == FOUND


def test_every_middleware_at_once_is_looked_through() -> None:
    application: Any = chat_router()
    for wrap in WRAPPERS:
        application = wrap(application)
    assert paths(ProtocolTypeRouter({"websocket": application})) == FOUND


def test_a_function_that_picks_between_module_level_applications_is_looked_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = types.ModuleType("mysite_asgi")
    monkeypatch.setitem(sys.modules, "mysite_asgi", module)
    vars(module).update(http=get_asgi_application(), websocket=chat_router())
    source = (
        "async def application(scope, receive, send):\n"
        "    if scope['type'] == 'websocket':\n"
        "        return await websocket(scope, receive, send)\n"
        "    return await http(scope, receive, send)\n"
    )
    exec(source, vars(module))
    assert paths(module.application) == FOUND
    # An instance whose class is called in the same way.
    method = source.replace("def application(", "def __call__(self, ").replace("\n", "\n    ")
    exec(f"class Picking:\n    {method}", vars(module))
    assert paths(module.Picking()) == FOUND


def test_a_usual_attribute_is_preferred_to_what_else_a_middleware_holds() -> None:
    middleware = Inner(chat_router())
    middleware.fallback = URLRouter([path("denied/", Undocumented.as_asgi())])  # type: ignore[attr-defined]
    assert paths(ProtocolTypeRouter({"websocket": middleware})) == FOUND


def test_cycles_end() -> None:
    first, second = Holder(None), Holder(None)  # type: ignore[arg-type]
    first.inner, second.inner = second.serve, first.serve
    first.routes = chat_router()  # type: ignore[attr-defined]
    assert paths(URLRouter([re_path("", first.serve)])) == FOUND

    router = URLRouter([])
    router.routes = [path("again/", router), CHAT]
    assert paths(router) == FOUND


def test_a_deep_stack_is_no_recursion_error() -> None:
    application: Any = chat_router()
    for _ in range(5000):
        application = Inner(application)
    walk(ProtocolTypeRouter({"websocket": application}))


def test_nothing_is_called_and_no_property_is_read() -> None:
    class Touchy(BaseMiddleware):
        @property
        def danger(self) -> None:
            raise AssertionError("a property was read")

        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"{name} was looked up")

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            raise AssertionError("the middleware was called")

    assert paths(ProtocolTypeRouter({"websocket": Touchy(chat_router())})) == FOUND


# ------------------------------------------------------------------------------------------------------ problems

_HIDDEN: dict[int, Any] = {}


class Secretive:
    """Keeps its inner application where nobody can see it."""

    def __init__(self, inner: Application) -> None:
        _HIDDEN[id(self)] = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await _HIDDEN[id(self)](scope, receive, send)


def test_a_middleware_that_hides_its_application_is_named_with_its_route_and_the_cure() -> None:
    hidden = AuthMiddlewareStack(Secretive(Chat.as_asgi()))
    discovery = walk(ProtocolTypeRouter({"websocket": URLRouter([path("ws/<int:n>/", hidden), CHAT])}))
    [problem] = discovery.problems
    assert problem.where == f"{__name__}:Secretive"
    assert "'/ws/{n}/'" in problem.what
    assert "`inner`" in problem.cure
    assert [route.address.path for route in discovery.routes] == ["/ws/chat/"]


def test_a_hiding_middleware_around_everything_is_a_problem_not_an_empty_answer() -> None:
    [problem] = walk(Secretive(chat_router())).problems
    assert "'/'" in problem.what


def test_a_hiding_middleware_is_told_for_each_route() -> None:
    hidden = Secretive(Chat.as_asgi())
    discovery = walk(URLRouter([path("a/", hidden), path("b/", hidden)]))
    assert len(discovery.problems) == 2


def test_a_plain_asgi_application_is_no_middleware() -> None:
    async def echo(scope: Any, receive: Any, send: Any) -> None: ...

    assert paths(URLRouter([CHAT, path("ws/echo/", echo)])) == FOUND


def test_a_routed_class_is_told_to_call_as_asgi() -> None:
    [problem] = walk(URLRouter([path("ws/chat/", Chat)])).problems
    assert problem.where == f"{__name__}:Chat"
    assert problem.cure == "write Chat.as_asgi()"


@pytest.mark.filterwarnings("ignore")
def test_a_route_that_never_matches_is_a_problem() -> None:
    discovery = walk(URLRouter([path("/ws/chat/", Chat.as_asgi())]))
    assert discovery.routes == ()
    [problem] = discovery.problems
    assert problem.where == "route '/ws/chat/'"
    assert "leading slash" in problem.cure


def test_a_parameter_named_twice_is_a_problem() -> None:
    discovery = walk(URLRouter([path("<int:id>/", URLRouter([path("<int:id>/", Chat.as_asgi())]))]))
    assert discovery.routes == ()
    assert "'/{id}/{id}/'" in discovery.problems[0].what


def test_unnamed_groups_of_nested_routers_are_numbered_through() -> None:
    inner = URLRouter([re_path(r"^(\d+)/$", Chat.as_asgi())])
    assert paths(URLRouter([re_path(r"^ws/(\d+)/", inner)])) == [("Chat", "/ws/{part1}/{part2}/")]


# ------------------------------------------------------------------------------------------- discover() and errors


def test_discover_leaves_out_consumers_without_a_contract_and_logs_problems(
    caplog: pytest.LogCaptureFixture,
) -> None:
    application = URLRouter([path("plain/", Undocumented.as_asgi()), CHAT, path("hidden/", Secretive(Chat.as_asgi()))])
    assert [(route.consumer, route.address.path) for route in discover(application)] == [(Chat, "/ws/chat/")]
    assert "Secretive" in caplog.text


def module_with(application: object, monkeypatch: pytest.MonkeyPatch) -> str:
    module = types.ModuleType("discovered_asgi")
    module.application = application  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "discovered_asgi", module)
    return "discovered_asgi.application"


def test_the_default_application_is_that_of_the_settings(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ASGI_APPLICATION = module_with(ProtocolTypeRouter({"websocket": chat_router()}), monkeypatch)
    assert [route.address.path for route in discover()] == ["/ws/chat/"]


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        (None, "ASGI_APPLICATION is not set, and consumers are found through it; set it to"),
        ("nonsense", "ASGI_APPLICATION is 'nonsense', and consumers are found through it; set it to"),
    ],
)
def test_no_application_is_an_error_that_says_what_to_set(settings: Any, setting: str | None, complaint: str) -> None:
    settings.ASGI_APPLICATION = setting
    with pytest.raises(DiscoveryError, match=complaint):
        discover()


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("no_such_package.asgi.application", "there is no module 'no_such_package.asgi'"),
        ("tests.discovry.test_discovery.application", "did you mean 'tests.discovery.test_discovery'?"),
        ("json.application", "json has no 'application'"),
        ("tests.discovery.test_discovery.applicatoin", "has no 'applicatoin', did you mean 'application'?"),
        (
            "tests.cli.broken.application",
            "tests.cli.broken failed: NameError: name 'undefined' is not defined (tests/cli/broken.py, line 3)",
        ),
    ],
)
def test_an_application_that_cannot_be_had_is_one_clear_error(settings: Any, setting: str, complaint: str) -> None:
    settings.ASGI_APPLICATION = setting
    with pytest.raises(DiscoveryError) as caught:
        discover()
    assert str(caught.value).startswith(f"ASGI_APPLICATION is {setting!r}")
    assert complaint in str(caught.value)
    assert "consumers are found through it" not in str(caught.value)
    assert isinstance(caught.value, ImproperlyConfigured)
    assert isinstance(caught.value, ValueError)


async def echo_anything(scope: Any, receive: Any, send: Any) -> None: ...


@pytest.mark.parametrize(
    "application",
    [
        get_asgi_application(),
        ProtocolTypeRouter({"http": get_asgi_application()}),
        Inner(get_asgi_application()),
        echo_anything,
        "a string",
    ],
)
def test_an_application_without_websocket_part_is_an_error_with_its_cure(application: object) -> None:
    with pytest.raises(DiscoveryError, match=r"no websocket part.*write ProtocolTypeRouter"):
        walk(application)


def test_a_websocket_part_without_routes_finds_nothing() -> None:
    assert discover(ProtocolTypeRouter({"websocket": URLRouter([])})) == []


def test_a_setting_that_is_wrong_is_told_by_itself(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "configured_wrongly.py").write_text(
        "from django.core.exceptions import ImproperlyConfigured\nraise ImproperlyConfigured('SECRET is wrong')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    settings.ASGI_APPLICATION = "configured_wrongly.application"
    with pytest.raises(ImproperlyConfigured, match=r"^SECRET is wrong$"):
        discover()


class Typed(TypedConsumer[Any]):
    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage: ...


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/typed/", Typed.as_asgi())])})


@pytest.mark.parametrize(
    ("routed", "what"),
    [
        (Typed, "the class itself"),
        (Typed.as_asgi, "as_asgi, without parentheses,"),
        (Typed(), "one instance for all connections"),
    ],
)
def test_what_is_routed_in_place_of_the_application_is_a_problem(routed: Any, what: str) -> None:
    found = walk(ProtocolTypeRouter({"websocket": URLRouter([path("ws/typed/", routed)])}))
    expected = f"{__name__}:Typed: {what} is routed at '/ws/typed/', which does not serve; write Typed.as_asgi()"
    assert [str(problem) for problem in found.problems] == [expected]
    assert found.documented == []
    assert found.why_nothing() == expected


def test_why_nothing_is_found_names_the_consumers_and_some_of_the_problems() -> None:
    assert walk(URLRouter([])).why_nothing() == "no consumer is routed; route one by its as_asgi()"

    class Silent(AsyncJsonWebsocketConsumer): ...

    found = walk(URLRouter([path("ws/", Silent.as_asgi())]))
    assert found.why_nothing().startswith(f"{__name__}:{Silent.__qualname__} declare no message; decorate methods with")
    many = walk(URLRouter([path(f"ws/{number}/", Typed) for number in range(5)]))
    assert many.why_nothing().count("write Typed.as_asgi()") == 3
    assert many.why_nothing().endswith("; and 2 more")
