"""What is documented is what Channels' own routers lead to, and what they do not lead to is a problem with its cure."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from channels.auth import AuthMiddlewareStack
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.middleware import BaseMiddleware
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path, re_path, register_converter
from django.urls.exceptions import Resolver404
from django.urls.resolvers import RoutePattern
from django.utils import translation
from django.utils.translation import gettext_lazy
from hypothesis import given, settings
from hypothesis import strategies as st

from chanspec.channels.discovery import Discovery, walk
from chanspec.decorators import document_action


class Chat(AsyncJsonWebsocketConsumer):
    @document_action(summary="Say something")
    async def handle_say(self, content: Any) -> None: ...


class Feed(Chat):
    pass


class Room(Chat):
    pass


CHAT, FEED, ROOM = Chat.as_asgi(), Feed.as_asgi(), Room.as_asgi()


def found(discovery: Discovery) -> list[tuple[str, str]]:
    return [(route.consumer.__name__, route.address.path) for route in discovery.routes]


class Plain(BaseMiddleware):
    pass


class WithRouting(BaseMiddleware):
    """A middleware that says to routers what ``URLRouter`` says: that routing goes on behind it."""

    _path_routing = True


# ------------------------------------------------------------------------------------------------- not reached


@pytest.mark.parametrize(
    ("routes", "what", "cure"),
    [
        pytest.param(
            lambda: [path("chat/", AuthMiddlewareStack(URLRouter([path("room/", CHAT)])))],
            "not reached at '/chat/room/', because the route 'chat/' takes whole paths only",
            "put the middleware around the outermost router",
            id="middleware hides the router from the route around it",
        ),
        pytest.param(
            lambda: [re_path("^chat/$", URLRouter([path("room/", CHAT)]))],
            "the route '^chat/$' takes whole paths only, and leaves nothing for 'room/'",
            "remove what stands for the end",
            id="an outer regular expression with an end",
        ),
        pytest.param(
            lambda: [re_path(r"^chat/\Z", URLRouter([path("<int:n>/", CHAT)]))],
            "the route '^chat/\\\\Z' takes whole paths only",
            "remove what stands for the end",
            id="the other end, before a parameter",
        ),
        pytest.param(
            lambda: [path("a/", URLRouter([re_path("^b/$", URLRouter([path("c/", CHAT)]))]))],
            "'/a/b/c/', because the route '^b/$' takes whole paths only, and leaves nothing for 'c/'",
            "remove what stands for the end",
            id="in the middle of three",
        ),
        pytest.param(
            lambda: [path("<path:rest>", URLRouter([path("room/", CHAT)]))],
            "'room/' does not match what '<path:rest>' leaves of the path",
            "let the outer pattern end where the inner one begins",
            id="an outer parameter that takes everything",
        ),
        pytest.param(
            lambda: [re_path("^ws/.*", URLRouter([path("a/", URLRouter([path("room/", CHAT)]))]))],
            "'a/' does not match what '^ws/.*' leaves of the path",
            "let the outer pattern end",
            id="a greedy outer regular expression before two more",
        ),
        pytest.param(
            lambda: [re_path("^ws/chat/?(?=$)", URLRouter([path("room/", CHAT)]))],
            "'^ws/chat/?(?=$)' takes whole paths only",
            "remove what stands for the end",
            id="an end within a look-ahead",
        ),
        pytest.param(
            lambda: [re_path("^ws/", FEED), path("ws/chat/", CHAT)],
            "'/ws/chat/', because the route '^ws/' before it takes that address",
            "end that pattern with $",
            id="an open regular expression before it",
        ),
        pytest.param(
            lambda: [path("<slug:any>/", FEED), path("chat/", CHAT)],
            "'/chat/', because the route '<slug:any>/' before it takes that address",
            "move it before that route",
            id="a parameter before it",
        ),
        pytest.param(
            lambda: [path("<str:a>/", FEED), path("<str:b>/", CHAT)],
            "'/{b}/', because the route '<str:a>/' before it takes that address (such as '/a/')",
            "move it before that route",
            id="a parameter before a parameter",
        ),
        pytest.param(
            lambda: [path("<str:a>/<path:b>", FEED), path("<str:a>/<int:b>/", CHAT)],
            "'/{a}/{b}/', because the route '<str:a>/<path:b>' before it",
            "move it before that route",
            id="two parameters before two",
        ),
        pytest.param(
            lambda: [path("ws/", Plain(URLRouter([path("", FEED)]))), path("ws/", URLRouter([path("", CHAT)]))],
            "'/ws/', because the route 'ws/' before it takes that address",
            "give it a path of its own",
            id="behind routers and middleware",
        ),
        pytest.param(
            lambda: [re_path("", ProtocolTypeRouter({"http": FEED})), path("chat/", CHAT)],
            "because the route '' before it takes that address",
            "end that pattern with $",
            id="a protocol router without WebSockets before it",
        ),
        pytest.param(
            lambda: [re_path("^chat/$x", CHAT)],
            "'/chat/x', because '^chat/$x' does not match the path that it spells",
            "correct the pattern",
            id="a regular expression that matches nothing",
        ),
        pytest.param(
            lambda: [path("ws", URLRouter([path("/<int:n>/", CHAT)]))],
            "it begins with a slash, which URLRouter removes before it matches",
            "remove the leading slash",
            id="a leading slash of an inner route with a parameter",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_no_request_reaches_is_a_problem_and_not_documented(
    routes: Callable[[], list[Any]], what: str, cure: str
) -> None:
    discovery = walk(URLRouter(routes()))
    assert "Chat" not in [consumer for consumer, _ in found(discovery)]
    [problem] = discovery.problems
    assert problem.where in (f"{__name__}:Chat", "route '/<int:n>/'")
    assert what in problem.what
    assert cure in problem.cure


def test_of_the_paths_of_a_regular_expression_only_the_one_that_is_taken_is_a_problem() -> None:
    discovery = walk(URLRouter([path("lobby/", FEED), re_path("^(?:lobby|vip)/$", CHAT)]))
    assert found(discovery) == [("Feed", "/lobby/"), ("Chat", "/vip/")]
    [problem] = discovery.problems
    assert "'/lobby/', because the route 'lobby/' before it" in problem.what


def test_an_address_that_cannot_be_tried_stays_with_a_warning() -> None:
    discovery = walk(URLRouter([re_path(r"^(?=.{9}/)(?P<code>[qQ]\w*\d{3})(?<=!..)/$", CHAT)]))
    assert found(discovery) == [("Chat", "/{code}/")]
    [problem] = discovery.problems
    assert "whether it is reached at '/{code}/' is not known" in problem.what
    assert "path() and a converter" in problem.cure


# ----------------------------------------------------------------------------------------------------- reached


class Refusing:
    """Takes what only it knows."""

    regex = "[a-z]+"

    def to_python(self, value: str) -> str:
        raise AssertionError("a converter of the project was called")

    def to_url(self, value: str) -> str:
        raise AssertionError("a converter of the project was called")


register_converter(Refusing, "reaching-refusing")


class Hidden:
    def __init__(self, number: int) -> None:
        self.number = number

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raise Resolver404


class Backwards(URLRouter):
    """Matches in its own way."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return await URLRouter([*reversed(self.routes)])(scope, receive, send)


class OwnPattern(RoutePattern):
    def match(self, path: str) -> Any:
        raise AssertionError("a pattern of the project was called")


def own_pattern(text: str, consumer: Any) -> Any:
    route = path(text, consumer)
    route.pattern = OwnPattern(text, is_endpoint=True)
    return route


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        # Middleware between, where the route around it does not end.
        (lambda: [re_path("^ws/", Plain(URLRouter([path("chat/", CHAT)])))], ["/ws/chat/"]),
        (lambda: [path("ws/", WithRouting(URLRouter([path("chat/", CHAT)])))], ["/ws/chat/"]),
        (lambda: [path("ws/", Plain(URLRouter([path("", CHAT)])))], ["/ws/"]),
        # What a router inside refuses, the next route gets.
        (lambda: [path("ws/", URLRouter([path("feed/", FEED)])), path("ws/<str:x>/", CHAT)], ["/ws/{x}/"]),
        (lambda: [re_path("", Plain(URLRouter([path("feed/", FEED)]))), path("chat/", CHAT)], ["/chat/"]),
        # Routes before it that leave something.
        (lambda: [path("<int:x>/", FEED), path("<str:x>/", CHAT)], ["/{x}/"]),
        (lambda: [path("<slug:x>/", FEED), path("<str:x>/", CHAT)], ["/{x}/"]),
        (lambda: [re_path(r"^(?P<x>\w+)/$", FEED), re_path(r"^(?P<x>[^/]+)/$", CHAT)], ["/{x}/"]),
        (lambda: [re_path(r"^(?P<x>[a-z]{1,5})/$", FEED), re_path(r"^(?P<x>[a-z]+)/$", CHAT)], ["/{x}/"]),
        (lambda: [re_path(r"^(?P<x>(?!admin)\w+)/$", FEED), re_path(r"^(?P<x>\w+)/$", CHAT)], ["/{x}/"]),
        (
            lambda: [path("<int:x>/<str:y>/", FEED), path("<int:x>/<int:y>", FEED), path("<str:x>/<str:y>/", CHAT)],
            ["/{x}/{y}/"],
        ),
        # What takes it is the same consumer.
        (lambda: [re_path("^ws/", CHAT), path("ws/chat/", CHAT)], ["/ws/", "/ws/chat/"]),
        # A slash that routers remove may be optional.
        (lambda: [re_path("^/?chat/$", CHAT)], ["/chat/"]),
        (lambda: [path("ws", URLRouter([re_path("^/?chat/$", CHAT)]))], ["/ws/chat/"]),
        (lambda: [re_path(r"^(?:/|)(?P<x>\d)/$", CHAT)], ["/{x}/"]),
        # Optional groups, repetitions, references, conditions, flags.
        (lambda: [re_path(r"^chat(?:/(?P<room>\w+))?/$", CHAT)], ["/chat/{room}/", "/chat/"]),
        (lambda: [re_path(r"^(?:ab){2}/$", CHAT)], ["/abab/"]),
        (lambda: [re_path(r"^(?P<x>\d){3}/$", CHAT)], ["/{x}/"]),
        (lambda: [re_path(r"^(?:(?P<x>\d)-){2}/$", CHAT)], ["/{part1}/"]),
        (lambda: [re_path(r"(?i)^ROOM/(?P<x>[A-F]{4})/$", CHAT)], ["/ROOM/{x}/"]),
        (lambda: [re_path(r"^(?P<x>(?=.*\d)(?=.*[A-Z])\w{6,})/$", CHAT)], ["/{x}/"]),
        (lambda: [re_path(r".*ws/chat/(?P<n>\d+)/$", CHAT)], ["/{part1}ws/chat/{n}/"]),
        (lambda: [re_path("ws/chat", CHAT)], ["/ws/chat"]),
        # Only the project knows what its converters, patterns, routers and hidden applications do.
        (lambda: [path("<reaching-refusing:x>/", CHAT)], ["/{x}/"]),
        (lambda: [path("<reaching-refusing:x>/", FEED), path("chat/", CHAT)], ["/chat/"]),
        (lambda: [path("<reaching-refusing:x>/", URLRouter([path("chat/", CHAT)]))], ["/{x}/chat/"]),
        (lambda: [own_pattern("<str:x>/", CHAT)], ["/{x}/"]),
        (lambda: [own_pattern("<str:x>/", FEED), path("chat/", CHAT)], ["/chat/"]),
        (lambda: [path("chat/", Backwards([path("<str:x>/", FEED), path("room/", CHAT)]))], ["/chat/room/"]),
        (lambda: [re_path("", Hidden(1)), path("chat/", CHAT)], ["/chat/"]),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_what_a_request_can_reach_is_documented(routes: Callable[[], list[Any]], expected: list[str]) -> None:
    discovery = walk(URLRouter(routes()))
    assert [address for consumer, address in found(discovery) if consumer == "Chat"] == expected
    assert [problem for problem in discovery.problems if "Hidden" not in problem.where] == []


def test_addresses_are_those_of_the_language_that_connections_have(settings: Any) -> None:
    """A reader's language is not that in which routers match: no middleware of Django's runs for a WebSocket."""
    settings.LANGUAGE_CODE = "fr"
    application = URLRouter([path(gettext_lazy("Yes"), CHAT), re_path(gettext_lazy("No"), FEED)])
    for language in ("de", "en"):
        with translation.override(language):
            assert found(walk(application)) == [("Chat", "/Oui"), ("Feed", "/Non")]


# ------------------------------------------------------------------------- all of it, against the routers themselves

_PATTERNS = [
    ("path", ""),
    ("path", "a/"),
    ("path", "b/"),
    ("path", "a"),
    ("path", "/a/"),
    ("path", "<int:n{}>/"),
    ("path", "<str:s{}>/"),
    ("path", "<path:p{}>"),
    ("re_path", "^a/"),
    ("re_path", "^a/$"),
    ("re_path", "^/?b/$"),
    ("re_path", "^(?:a|b)/"),
    ("re_path", "^(?:b/)?$"),
    ("re_path", r"^(?P<w{}>[ab])/"),
    ("re_path", r"a/$"),
]


def _consumer(cls: type) -> Any:
    """What ``as_asgi()`` makes, but it says that it was called, and ends."""

    async def application(scope: Any, receive: Any, send: Any) -> str:
        return cls.__name__

    application.consumer_class = cls  # type: ignore[attr-defined]
    return application


class _Between(BaseMiddleware):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        return await self.inner(scope, receive, send)


_CONSUMERS = [_consumer(each) for each in (Chat, Feed, Room)]
_COUNT = iter(range(10**9))


def _route(pattern: tuple[str, str], application: Any) -> Any:
    kind, text = pattern
    return {"path": path, "re_path": re_path}[kind](text.format(next(_COUNT)), application)


_ROUTERS = st.recursive(
    st.sampled_from(_CONSUMERS),
    lambda inner: st.lists(
        st.builds(_route, st.sampled_from(_PATTERNS), inner | inner.map(_Between)), min_size=1, max_size=3
    ).map(URLRouter),
    max_leaves=5,
)
_TRIED = ["/" + "".join(pieces) for count in range(4) for pieces in product(["a/", "b/", "1/", "x/"], repeat=count)]


def _reached(application: URLRouter, address: str) -> str | None:
    asking: Any = application({"type": "websocket", "path": address}, None, None)  # type: ignore[arg-type]
    try:
        asking.send(None)
    except StopIteration as arrived:
        return str(arrived.value)
    except ValueError:
        return None
    raise AssertionError("it waits for something")


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.builds(_route, st.sampled_from(_PATTERNS), _ROUTERS | _ROUTERS.map(_Between)), min_size=1, max_size=3)
)
@pytest.mark.filterwarnings("ignore")
def test_documents_agree_with_the_routers(routes: list[Any]) -> None:
    application = URLRouter(routes)
    discovery = walk(application)
    told = set(found(discovery))
    for consumer, address in told:
        if "{" not in address:
            assert _reached(application, address) == consumer, address
    # A pattern that is open at its end matches more paths than the one that it spells, which another route may take.
    taken = {problem.where.partition(":")[2] for problem in discovery.problems if "takes that address" in problem.what}
    reached = {_reached(application, address) for address in _TRIED} - {None}
    assert reached - taken <= {consumer for consumer, _ in told}, (discovery.problems, str(routes))
