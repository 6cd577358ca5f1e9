"""The generator: its arguments, and the parts of a document. Whole documents are in tests/documents."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils.functional import lazystr
from ruamel.yaml import YAML

from chanspec import AsyncAPIGenerator, document_action, document_event
from chanspec.asyncapi.names import Names
from chanspec.decorators import channel


@dataclass
class Offer:
    fare: int


class Rides:
    """Rides."""

    @document_action(summary="Ping", tags=["health"], responses={"pong": {"at": "date-time"}, "ride.offer": None})
    async def handle_ping(self) -> None: ...

    @document_action(action="ride.cancel", deprecated=True, description="No *more*.")
    async def handle_cancel(self) -> None: ...

    @document_event("ride.offer", payload=Offer)
    async def ride_offer(self) -> None: ...


class Notifications:
    @document_action
    async def handle_ping(self) -> None: ...

    @document_event("ping")
    async def ping(self) -> None: ...


def spec(*args: Any, **options: Any) -> Any:
    return AsyncAPIGenerator(*args, **options).get_spec()


BOTH = [(Rides, "/ws/rides/"), (Notifications, "/ws/notifications/")]


def test_a_single_consumer_has_its_names_as_they_are() -> None:
    document = spec(Rides, channel_path="/ws/dispatch/")
    assert list(document["channels"]) == ["dispatch"]
    assert document["channels"]["dispatch"]["address"] == "/ws/dispatch/"
    assert list(document["operations"]) == ["ping", "ride_cancel", "ride_offer"]
    assert list(document["components"]["messages"]) == ["Ping", "Pong", "RideOffer", "RideCancel"]


def test_names_of_many_consumers_begin_with_their_channels() -> None:
    document = spec(consumers=BOTH)
    assert list(document["channels"]) == ["rides", "notifications"]
    assert list(document["operations"]) == [
        *("rides_ping", "rides_ride_cancel", "rides_ride_offer", "notifications_ping", "notifications_ping_event")
    ]
    assert {"RidesPing", "NotificationsPing", "NotificationsPingEvent"} <= document["components"]["messages"].keys()


def test_one_consumer_in_a_list_is_a_single_consumer() -> None:
    assert list(spec(consumers=BOTH[:1])["operations"]) == ["ping", "ride_cancel", "ride_offer"]


def test_a_consumer_without_a_path_is_served_at_the_root_and_named_by_its_class() -> None:
    document = spec(Rides)
    assert {name: each["address"] for name, each in document["channels"].items()} == {"rides": "/"}


def test_channels_whose_last_segments_are_the_same_are_told_apart_by_more_of_the_address() -> None:
    paths = ["/ws/a/chat/", "/ws/b/chat/", "/ws/b/chat", "/"]
    assert list(spec(consumers=[(Rides, path) for path in paths])["channels"]) == ["chat", "b_chat", "rides", "rides2"]


def test_channels_differ_in_more_than_case() -> None:
    named = [channel(name=name)(type(name, (Rides,), {})) for name in ("Chat", "chat", "CHAT")]
    addresses = ("/ws/a/", "/ws/b/", "/ws/b/c/", "/ws/CHAT/", "/ws/x/Chat/")
    consumers = [*zip(named, addresses, strict=False), *((Rides, each) for each in addresses[3:])]
    keys = list(AsyncAPIGenerator(consumers=consumers).get_spec()["channels"])
    assert len(keys) == len({key.casefold() for key in keys}) == 5
    assert keys[:3] == ["Chat", "b", "c"]


def test_names_that_are_given_often_are_numbered_without_gaps() -> None:
    names = Names(fold=True)
    assert names.claim("A3")
    assert [names.take("a") for _ in range(4)] == ["a", "a2", "a4", "a5"]
    assert names.take("b", "A") == "b"
    assert names.take("B", "A") == "A6"


def test_references_lead_from_operations_over_channels_to_messages() -> None:
    document = spec(Rides, channel_path="/ws/dispatch/")
    operation = document["operations"]["ping"]
    assert operation["channel"] == {"$ref": "#/channels/dispatch"}
    assert operation["messages"] == [{"$ref": "#/channels/dispatch/messages/Ping"}]
    assert document["channels"]["dispatch"]["messages"]["Ping"] == {"$ref": "#/components/messages/Ping"}


def test_responses_are_the_operations_reply_and_a_documented_event_is_not_repeated() -> None:
    document = spec(Rides, channel_path="/ws/dispatch/")
    assert document["operations"]["ping"]["reply"] == {
        "channel": {"$ref": "#/channels/dispatch"},
        "messages": [
            {"$ref": "#/channels/dispatch/messages/Pong"},
            {"$ref": "#/channels/dispatch/messages/RideOffer"},
        ],
    }
    assert "fare" in document["components"]["messages"]["RideOffer"]["payload"]["properties"]


@pytest.mark.parametrize(
    ("perspective", "action", "event"), [("server", "receive", "send"), ("client", "send", "receive")]
)
def test_the_perspective_says_who_sends(perspective: Any, action: str, event: str) -> None:
    document = spec(Rides, perspective=perspective)
    assert document["x-perspective"] == perspective
    assert [each["action"] for each in document["operations"].values()] == [action, action, event]


def test_a_channel_may_be_named_by_the_words_of_its_class() -> None:
    assert list(spec(type("RideOffersConsumer", (Rides,), {}))["channels"]) == ["ride_offers"]
    assert list(spec(type("Consumer", (Rides,), {}))["channels"]) == ["channel"]


def test_an_event_that_is_deprecated_is_marked_like_an_action() -> None:
    class Rounds:
        @document_event("round.over", payload=Offer, deprecated=True, tags=["old"])
        async def over(self) -> None: ...

    document = spec(Rounds)
    message = document["components"]["messages"]["RoundOver"]
    assert document["operations"]["round_over"]["x-deprecated"] is True
    assert message["payload"]["deprecated"] is True
    assert message["tags"] == document["operations"]["round_over"]["tags"] == [{"name": "old"}]


def test_what_is_deprecated_is_marked_where_the_standard_has_a_place() -> None:
    document = spec(Rides)
    assert document["operations"]["ride_cancel"]["x-deprecated"] is True
    assert document["components"]["messages"]["RideCancel"]["payload"]["deprecated"] is True
    assert "deprecated" not in document["operations"]["ride_cancel"]
    assert "x-deprecated" not in document["operations"]["ping"]


def test_texts_and_tags_are_the_declarations() -> None:
    document = spec(Rides)
    assert document["operations"]["ping"]["summary"] == "Ping"
    assert document["operations"]["ping"]["tags"] == [{"name": "health"}]
    assert document["operations"]["ride_cancel"]["description"] == "No *more*."
    assert document["channels"]["rides"]["description"] == "Rides."


def test_path_parameters_are_declared_with_their_types() -> None:
    channel = spec(Rides, channel_path="/ws/<int:ride_id>/{room:uuid}/{name}/")["channels"]["rides"]
    assert channel["address"] == "/ws/{ride_id}/{room}/{name}/"
    assert {name: each["x-schema"] for name, each in channel["parameters"].items()} == {
        "ride_id": {"type": "integer"},
        "room": {"type": "string", "format": "uuid"},
        "name": {"type": "string"},
    }


SERVERS = {"production": {"host": "api.example.com", "protocol": "wss"}}
QUERY = {"$ref": "#/components/securitySchemes/queryToken"}
COOKIE = {"$ref": "#/components/securitySchemes/cookie"}


def test_security_schemes_are_referred_to_by_servers() -> None:
    document = spec(Rides, servers=SERVERS, query_param="token", cookie_name="sessionid")
    schemes = document["components"]["securitySchemes"]
    assert {name: (each["type"], each["in"], each["name"]) for name, each in schemes.items()} == {
        "queryToken": ("httpApiKey", "query", "token"),
        "cookie": ("httpApiKey", "cookie", "sessionid"),
    }
    assert document["servers"]["production"]["security"] == [QUERY, COOKIE]
    assert "security" not in document["operations"]["ping"]


def test_security_schemes_are_referred_to_by_operations_where_there_is_no_server() -> None:
    document = spec(Rides, cookie_name="sessionid")
    assert all(each["security"] == [COOKIE] for each in document["operations"].values())
    assert "servers" not in document


def test_a_servers_own_security_goes_before() -> None:
    own = {"type": "http", "scheme": "basic"}
    document = spec(Rides, servers={"a": {**SERVERS["production"], "security": [own]}}, cookie_name="sessionid")
    assert document["servers"]["a"]["security"] == [own]


def test_a_query_parameter_is_in_the_channels_binding() -> None:
    bindings = spec(Rides, query_param="token")["channels"]["rides"]["bindings"]
    assert bindings["ws"]["query"]["properties"].keys() == {"token"}
    assert "bindings" not in spec(Rides, cookie_name="sessionid")["channels"]["rides"]


def test_without_security_there_is_none() -> None:
    assert "security" not in json.dumps(spec(Rides, servers=SERVERS))


def test_info_has_defaults_for_what_is_empty() -> None:
    assert spec(Rides)["info"] == {"title": "WebSocket API", "version": "1.0.0"}
    info = {"title": "", "version": 2.0, "description": lazystr("Rides"), "x-team": ["a"], "license": None}
    assert spec(Rides, info=info)["info"] == {
        "title": "WebSocket API",
        "version": "2.0",
        "description": "Rides",
        "x-team": ["a"],
    }


def test_the_version_is_the_one_asked_for() -> None:
    assert spec(Rides)["asyncapi"] == "3.0.0"
    assert spec(Rides, asyncapi_version="3.1.0")["asyncapi"] == "3.1.0"


def test_yaml_json_and_the_dict_say_the_same() -> None:
    generator = AsyncAPIGenerator(consumers=BOTH, servers=SERVERS)
    document = generator.get_spec()
    assert json.loads(generator.get_json()) == document
    assert YAML(typ="safe", pure=True).load(generator.get_yaml()) == document


def test_the_same_declarations_give_the_same_bytes() -> None:
    assert AsyncAPIGenerator(consumers=BOTH).get_yaml() == AsyncAPIGenerator(consumers=BOTH).get_yaml()


def test_a_returned_document_is_the_callers_own() -> None:
    generator = AsyncAPIGenerator(Rides, servers=SERVERS)
    generator.get_spec()["channels"].clear()
    generator.get_spec()["servers"]["production"]["host"] = "elsewhere"
    assert generator.get_spec()["channels"]
    assert generator.get_spec()["servers"] == SERVERS


def test_arguments_changed_later_change_nothing() -> None:
    servers = {"a": dict(SERVERS["production"])}
    generator = AsyncAPIGenerator(Rides, servers=servers)
    servers["a"]["host"] = "elsewhere"
    assert generator.get_spec()["servers"]["a"]["host"] == "api.example.com"


def test_problems_are_complete_before_a_document_was_asked_for_and_listed_once() -> None:
    class Consumer:
        @document_action(payload=int, responses={"x": {"a": "uid"}})
        async def handle_a(self) -> None: ...

        @document_action(responses={"x": {"a": "uid"}})
        async def handle_b(self) -> None: ...

    generator = AsyncAPIGenerator(Consumer)
    assert [problem.where.rpartition(".")[2] for problem in generator.problems] == ["handle_a", "handle_a"]
    generator.get_spec()
    assert len(generator.problems) == 2
    assert all(str(each) == f"{each.where}: {each.what}; {each.cure}" for each in generator.problems)


def test_a_consumer_without_messages_is_a_problem_and_still_a_channel() -> None:
    class Silent: ...

    generator = AsyncAPIGenerator(Silent)
    assert generator.get_spec()["channels"]["silent"]["messages"] == {}
    [problem] = generator.problems
    assert "declares no messages" in problem.what


WHOLE = {"host": "a", "protocol": "ws"}


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({}, ValueError, "no consumer to document"),
        ({"consumers": []}, ValueError, "no consumer to document"),
        ({"consumer": Rides, "consumers": BOTH}, ValueError, "not both"),
        ({"consumers": BOTH, "channel_path": "/a/"}, ValueError, "channel_path goes with consumer"),
        ({"consumers": [Rides]}, TypeError, "takes (class, address) pairs, not <class"),
        ({"consumers": [(Rides, "/ws/?a=1")]}, ValueError, "query"),
        ({"consumer": Rides, "perspective": "sever"}, ValueError, "not 'sever', did you mean 'server'?"),
        ({"consumer": Rides, "asyncapi_version": "2.6.0"}, ValueError, "'3.0.0' or '3.1.0', not '2.6.0'"),
        ({"consumer": Rides, "info": {"titel": "x"}}, TypeError, "did you mean 'title'?"),
        (
            {"consumer": Rides, "servers": {"a": {"hots": "x", "protocol": "ws"}}},
            TypeError,
            "server 'a': 'hots' is no member, did you mean 'host'?; write",
        ),
        ({"consumer": Rides, "servers": {"a": {**WHOLE, "x-host": 1, "title": 3}}}, TypeError, "server 'a'.title: 3"),
        ({"consumer": Rides, "info": {"title": 3}}, TypeError, "info.title: 3 is not of type"),
        ({"consumer": Rides, "info": {"contact": {"email": "x"}}}, TypeError, "info.contact.email"),
        ({"consumer": Rides, "info": {"license": "MIT"}}, TypeError, "info.license"),
        ({"consumer": Rides, "servers": {"a": {"host": "x"}}}, TypeError, "server 'a': \"protocol\" is a required"),
        ({"consumer": Rides, "servers": {"a": {**WHOLE, "url": "x"}}}, TypeError, "server 'a'"),
        ({"consumer": Rides, "servers": {"a": "wss://x"}}, TypeError, "server 'a'"),
        ({"consumer": Rides, "servers": {"a": {**WHOLE, "tags": ["x"]}}}, TypeError, "server 'a'.tags.0"),
    ],
    ids=str,
)
def test_an_argument_that_cannot_be_is_refused_at_once(
    options: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        AsyncAPIGenerator(**options)
    assert words in str(caught.value)


def test_what_is_no_class_is_refused() -> None:
    with pytest.raises(TypeError, match="a consumer class was expected"):
        AsyncAPIGenerator("app.consumers.Rides").get_spec()  # type: ignore[arg-type]
