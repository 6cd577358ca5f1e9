"""Compiling a class: which messages it declares, where, and which mistakes it makes."""

from __future__ import annotations

import functools
import gc
import weakref
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from chanspec import document_action, document_event
from chanspec.contract import contract_of


def actions(consumer: type) -> dict[str, str]:
    """Action → summary."""
    return {each.name: str(each.message.summary) for each in contract_of(consumer).actions}


class Base:
    @document_action(summary="base ping")
    async def handle_ping(self) -> None: ...

    @document_action(summary="base stop")
    async def handle_stop(self) -> None: ...

    @document_event("tick", summary="base tick")
    async def tick(self) -> None: ...


def test_an_action_is_named_by_its_method_without_handle() -> None:
    class Consumer:
        @document_action
        async def handle_request_ride(self) -> None: ...

        @document_action
        async def cancel(self) -> None: ...

        @document_action
        async def handle_(self) -> None: ...

        @document_action(action="explicit.name")
        async def handle_other(self) -> None: ...

    assert list(actions(Consumer)) == ["request_ride", "cancel", "handle_", "explicit.name"]


def test_an_override_wins_and_keeps_its_place() -> None:
    class Consumer(Base):
        @document_action(summary="extra")
        async def handle_extra(self) -> None: ...

        @document_action(summary="own ping")
        async def handle_ping(self) -> None: ...

    assert actions(Consumer) == {"ping": "own ping", "stop": "base stop", "extra": "extra"}
    assert list(actions(Consumer)) == ["ping", "stop", "extra"]
    assert actions(Base) == {"ping": "base ping", "stop": "base stop"}


def test_an_override_without_a_decorator_keeps_the_declaration() -> None:
    class Consumer(Base):
        async def handle_ping(self) -> None: ...

    assert actions(Consumer)["ping"] == "base ping"


def test_an_override_by_none_takes_the_message_back() -> None:
    class Consumer(Base):
        handle_ping = None  # type: ignore[assignment]
        tick = None  # type: ignore[assignment]

    assert list(actions(Consumer)) == ["stop"]
    assert contract_of(Consumer).events == ()


def test_mixins_bring_their_messages_and_the_method_resolution_order_decides() -> None:
    class Left(Base):
        @document_action(summary="left ping")
        async def handle_ping(self) -> None: ...

    class Right(Base):
        @document_action(summary="right ping")
        async def handle_ping(self) -> None: ...

        @document_action(summary="right only")
        async def handle_right(self) -> None: ...

    class Plain:
        @document_action(summary="plain")
        async def handle_plain(self) -> None: ...

    class Consumer(Left, Right, Plain): ...

    assert actions(Consumer)["ping"] == "left ping"
    assert set(actions(Consumer)) == {"ping", "stop", "right", "plain"}
    assert actions(Right)["ping"] == "right ping"


def wraps(function: Any) -> Any:
    @functools.wraps(function)
    async def wrapper(*args: Any) -> Any:
        return await function(*args)

    return wrapper


def test_a_method_that_wraps_itself_is_read_all_the_same() -> None:
    async def handle_ping(self: Any) -> None: ...

    async def plain(self: Any) -> None: ...

    handle_ping.__wrapped__ = handle_ping  # type: ignore[attr-defined]
    plain.__wrapped__ = plain  # type: ignore[attr-defined]
    consumer = type("Consumer", (), {"handle_ping": document_action(handle_ping), "plain": plain})
    assert list(actions(consumer)) == ["ping"]


def test_decorators_around_the_declaration_do_not_hide_it() -> None:
    class Consumer:
        @wraps
        @wraps
        @document_action
        async def handle_wrapped(self) -> None: ...

        @document_action
        @wraps
        async def handle_outside(self) -> None: ...

        @staticmethod
        @document_action
        async def handle_static() -> None: ...

        @classmethod
        @document_action
        async def handle_class(cls) -> None: ...

        @document_action
        @staticmethod
        async def handle_static_inside() -> None: ...

        @sync_to_async
        @document_action
        def handle_thread(self) -> None: ...

        @async_to_sync
        @document_action
        async def handle_loop(self) -> None: ...

        @document_action
        def _named(self, how: str) -> None: ...

        handle_partial = functools.partialmethod(_named, "x")

    assert list(actions(Consumer)) == [
        *("wrapped", "outside", "static", "class", "static_inside", "thread", "loop", "_named", "partial")
    ]


def test_attributes_of_any_kind_are_let_alone() -> None:
    class Liar:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    class Loop:
        pass

    loop = Loop()
    loop.func = loop  # type: ignore[attr-defined]

    class Consumer:
        liar = Liar()
        around = loop
        number = 3
        none = None

    contract = contract_of(Consumer)
    assert not contract
    assert contract.problems == ()


def test_a_contract_is_compiled_once_for_a_class() -> None:
    assert contract_of(Base) is contract_of(Base)


def test_a_contract_does_not_keep_its_class_alive() -> None:
    class Consumer(Base): ...

    contract_of(Consumer)
    alive = weakref.ref(Consumer)
    del Consumer
    gc.collect()
    assert alive() is None


def test_the_docstring_says_what_the_decorator_does_not() -> None:
    class Consumer:
        """Rides.

        And drivers.
        """

        @document_action
        async def handle_ride(self) -> None:
            """Request a ride
            in one line.

            With *more*:

            - and a list
            """

        @document_event("told", summary="Told")
        async def told(self) -> None:
            """Not this."""

    contract = contract_of(Consumer)
    assert contract.description == "Rides.\n\nAnd drivers."
    message = contract.actions[0].message
    assert message.summary == "Request a ride in one line."
    assert message.description == "With *more*:\n\n- and a list"
    assert (contract.events[0].summary, contract.events[0].description) == ("Told", "")


def test_a_base_class_lends_no_docstring() -> None:
    class Parent:
        """Parent."""

    class Consumer(Parent): ...

    assert contract_of(Consumer).description == ""


def test_where_names_the_module_the_class_and_the_method_that_declares() -> None:
    class Consumer(Base): ...

    contract = contract_of(Consumer)
    assert contract.actions[0].message.where == f"{__name__}:Base.handle_ping"
    assert contract.where == f"{__name__}:{Consumer.__qualname__}"


def test_two_methods_with_one_action_are_a_problem_and_the_later_one_wins() -> None:
    class Consumer:
        @document_action(action="ping", summary="first")
        async def first(self) -> None: ...

        @document_action(action="ping", summary="second")
        async def second(self) -> None: ...

    [problem] = contract_of(Consumer).problems
    assert problem.where.endswith("Consumer.second")
    assert "'ping' is declared by first too" in problem.what
    assert actions(Consumer) == {"ping": "second"}


def test_two_methods_with_one_event_type_are_a_problem() -> None:
    class Consumer:
        @document_event("a")
        async def one(self) -> None: ...

        @document_event("a")
        async def two(self) -> None: ...

    [problem] = contract_of(Consumer).problems
    assert "event type 'a' is declared by one too" in str(problem)


def test_an_action_and_an_event_may_share_a_name() -> None:
    class Consumer:
        @document_action(action="ping")
        async def handle_ping(self) -> None: ...

        @document_event("ping")
        async def ping(self) -> None: ...

    assert contract_of(Consumer).problems == ()


def test_a_reply_that_is_a_documented_event_is_that_events_message() -> None:
    class Consumer:
        @document_action(responses={"pong": None})
        async def handle_ping(self) -> None: ...

        @document_event("pong", payload={"type": "object"}, summary="Pong")
        async def pong(self) -> None: ...

    contract = contract_of(Consumer)
    assert contract.actions[0].replies == contract.events[0].messages
    assert contract.actions[0].replies[0].summary == "Pong"


def test_a_reply_gives_its_payload_to_an_event_that_has_none() -> None:
    class Consumer:
        @document_action(responses={"pong": {"at": "date-time"}})
        async def handle_ping(self) -> None: ...

        @document_event("pong", summary="Pong")
        async def pong(self) -> None: ...

    [message] = contract_of(Consumer).events[0].messages
    assert (message.payload, message.is_response, message.summary) == ({"at": "date-time"}, True, "Pong")


def test_two_actions_share_the_message_of_a_common_reply() -> None:
    class Consumer:
        @document_action(responses={"done": {"id": "uuid"}})
        async def handle_a(self) -> None: ...

        @document_action(responses={"done": {"id": "uuid"}, "more": None})
        async def handle_b(self) -> None: ...

    contract = contract_of(Consumer)
    assert contract.problems == ()
    assert contract.actions[0].replies[0] is contract.actions[1].replies[0]


def test_a_reply_with_another_payload_than_its_event_is_a_problem() -> None:
    class Consumer:
        @document_action(responses={"pong": {"a": "string"}})
        async def handle_ping(self) -> None: ...

        @document_event("pong", payload={"type": "object"})
        async def pong(self) -> None: ...

    [problem] = contract_of(Consumer).problems
    assert problem.where.endswith("Consumer.handle_ping")
    assert "'pong' has another payload" in problem.what
    assert problem.cure == "declare it once, with @document_event, and write None for it in responses="


def test_what_is_no_class_is_refused() -> None:
    with pytest.raises(TypeError, match="a consumer class was expected, not 3"):
        contract_of(3)  # type: ignore[arg-type]


def test_what_as_asgi_returns_is_refused_with_a_hint() -> None:
    from channels.generic.websocket import AsyncJsonWebsocketConsumer

    class Consumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
        pass

    with pytest.raises(TypeError, match=r"not what as_asgi\(\) returns"):
        contract_of(Consumer.as_asgi())


def test_classes_with_slots_and_other_metaclasses_are_read() -> None:
    class Meta(type): ...

    class Consumer(metaclass=Meta):
        __slots__ = ("a",)

        @document_action
        async def handle_ping(self) -> None: ...

    assert list(actions(Consumer)) == ["ping"]
