"""The decorators: what they record, that they change nothing, and which mistakes they refuse at once."""

from __future__ import annotations

import asyncio
import inspect
import pickle
from typing import Any

import pytest
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy

from chanspec import document_action, document_event
from chanspec.contract import contract_of
from chanspec.decorators import channel, event_handler, ws_handler


class Module:
    """At module level, so that its methods can be pickled."""

    @document_action(summary="Ping")
    async def handle_ping(self, content: dict[str, Any]) -> str:
        return f"pong {content}"


def test_a_decorated_method_is_the_very_method() -> None:
    async def handle_ping(self: Any, content: Any) -> None:
        """Ping."""

    signature = inspect.signature(handle_ping)
    assert document_action(summary="Ping")(handle_ping) is handle_ping
    assert document_event("ride.offer")(handle_ping) is handle_ping
    assert inspect.signature(handle_ping) == signature
    assert inspect.iscoroutinefunction(handle_ping)
    assert handle_ping.__doc__ == "Ping."


def test_a_decorated_method_works_as_before() -> None:
    assert asyncio.run(Module().handle_ping({})) == "pong {}"
    assert pickle.loads(pickle.dumps(Module.handle_ping)) is Module.handle_ping


def test_document_action_works_without_parentheses() -> None:
    class Consumer:
        @document_action
        async def handle_ping(self) -> None:
            """Asks for a pong."""

    [action] = contract_of(Consumer).actions
    assert (action.name, action.message.summary) == ("ping", "Asks for a pong.")


def test_the_first_argument_of_document_action_is_its_summary() -> None:
    class Consumer:
        @document_action("Ping")
        async def handle_ping(self) -> None: ...

        @document_action("Cancel", "Ends a *ride*.", {"properties": {}}, {"cancelled": None}, ["rides"], "stop", True)
        async def handle_cancel(self) -> None: ...

    ping, stop = contract_of(Consumer).actions
    assert (ping.name, ping.message.summary) == ("ping", "Ping")
    assert (stop.name, stop.message.summary, stop.message.description) == ("stop", "Cancel", "Ends a *ride*.")
    assert (stop.message.tags, stop.message.deprecated) == (("rides",), True)
    assert [each.value for each in stop.replies] == ["cancelled"]


@pytest.mark.parametrize("name", ["are_you_there", "ride.cancel", "say"])
def test_a_summary_that_looks_like_a_name_is_a_problem_that_says_where_names_go(name: str) -> None:
    class Consumer:
        @document_action(name)
        async def handle_it(self) -> None: ...

    [problem] = contract_of(Consumer).problems
    assert problem.where.endswith("Consumer.handle_it")
    assert problem.what == f"the summary {name!r} looks like the name of an action, which is 'it'"
    assert f"write action={name!r}" in problem.cure


@pytest.mark.parametrize("summary", ["Ping", "Say something", "ping", "Größe", ""])
def test_a_summary_that_is_a_word_or_the_name_itself_is_none(summary: str) -> None:
    class Consumer:
        @document_action(summary)
        async def handle_ping(self) -> None: ...

        @document_action("pong", action="answer")
        async def handle_answer(self) -> None: ...

    assert contract_of(Consumer).problems == ()


def test_one_method_may_have_several_decorators() -> None:
    class Consumer:
        @document_action(action="ping")
        @document_event("pong")
        @document_action(action="are_you_there")
        async def handle(self) -> None: ...

    contract = contract_of(Consumer)
    assert {each.name for each in contract.actions} == {"ping", "are_you_there"}
    assert [each.name for each in contract.events] == ["pong"]


def test_changing_an_argument_afterwards_changes_no_declaration() -> None:
    tags, examples, responses = ["rides"], [{"payload": {"action": "ping"}}], {"pong": None}

    class Consumer:
        @document_action(tags=tags, examples=examples, responses=responses)
        async def handle_ping(self) -> None: ...

    tags.append("late")
    examples.clear()
    responses["late"] = None
    [action] = contract_of(Consumer).actions
    assert action.message.tags == ("rides",)
    assert len(action.message.examples) == 1
    assert [each.value for each in action.replies] == ["pong"]


def test_repeated_tags_count_once() -> None:
    class Consumer:
        @document_event("a", tags=["x", "y", "x"])
        async def a(self) -> None: ...

    assert contract_of(Consumer).events[0].tags == ("x", "y")


def test_translated_texts_stay_lazy() -> None:
    class Consumer:
        @document_action(summary=gettext_lazy("Yes"), description=lazystr("More"))
        async def handle_ping(self) -> None: ...

    message = contract_of(Consumer).actions[0].message
    assert not isinstance(message.summary, str)
    assert str(message.summary) == "Yes"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: document_action(action="Request a ride"), "did you mean summary='Request a ride'"),
        (lambda: document_action(action=""), "is empty"),
        (lambda: document_action(action=3), "takes a string, not 3"),
        (lambda: document_action(3), "document_action(summary=…) takes a string, not 3"),
        (lambda: document_action(Module), "document_action(summary=…) takes a string"),
        (lambda: document_action(summary=3), "document_action(summary=…) takes a string"),
        (lambda: document_action(description=[]), "document_action(description=…) takes a string"),
        (lambda: document_action(tags="rides"), "document_action(tags=…) takes a list, not 'rides'"),
        (lambda: document_action(tags=[1]), "takes a list of strings, not 1"),
        (lambda: document_action(examples={"payload": {}}), "document_action(examples=…) takes a list"),
        (lambda: document_action(responses=["pong"]), 'write {"ride.requested": RidePayload}'),
        (lambda: document_action(responses={"ride requested": None}), "whitespace; write 'ride.requested'"),
        (lambda: document_action(summary="x")(3), "@document_action decorates a method, not 3"),
        (lambda: document_event("Ride offer"), "did you mean summary='Ride offer'"),
        (lambda: document_event(""), "is empty"),
        (lambda: document_event(None), "takes a string, not None"),
        (lambda: document_event("a", summary=b"x"), "document_event(summary=…) takes a string"),
    ],
)
def test_an_argument_of_the_wrong_kind_is_a_type_error_that_says_what_to_write(make: Any, words: str) -> None:
    with pytest.raises(TypeError) as caught:
        make()
    assert words in str(caught.value)


def test_document_event_without_its_type_says_which_to_write() -> None:
    with pytest.raises(TypeError, match=r'write @document_event\("ride\.offer"\)'):

        class Consumer:
            @document_event  # type: ignore[arg-type]
            async def ride_offer(self, event: Any) -> None: ...


def test_an_argument_without_a_value_counts_as_not_given() -> None:
    class Consumer:
        @document_action(None, description=None, responses=None, examples=None, tags=None)  # type: ignore[arg-type]
        async def handle_ping(self) -> None: ...

    [action] = contract_of(Consumer).actions
    assert (action.name, action.message.summary, action.message.tags, action.replies) == ("ping", "", (), ())


def test_what_a_channel_and_an_event_are_called_may_be_told_in_order() -> None:
    @channel("chat", "Where people talk", ["chat"])
    class Chat:
        @document_event("message.new", "Somebody spoke", "At length", {"properties": {}}, ["talk"], True)
        def message_new(self) -> None: ...

    [event] = contract_of(Chat).events
    assert contract_of(Chat).description == "Where people talk"
    assert (event.summary, event.description, list(event.tags), event.deprecated) == (
        "Somebody spoke", "At length", ["talk"], True,
    )  # fmt: skip


def with_a_wrong_name() -> None:
    class Room:
        @document_action(sumary="x")  # type: ignore[call-overload]
        async def handle_it(self, content: Any) -> None: ...


def with_an_unknown_name() -> None:
    class Room:
        @event_handler(concurrent=True)  # type: ignore[call-overload]
        async def on_it(self, event: Any) -> None: ...


def with_a_wrong_value() -> None:
    class Room:
        @ws_handler(tags="chat")
        async def handle_it(self, message: Any) -> None: ...


def with_nothing() -> None:
    class Room:
        @document_event()  # type: ignore[call-arg]
        async def it_is(self) -> None: ...


def with_no_method() -> None:
    class Room:
        handle_it = ws_handler(5)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("define", "said"),
    [
        (with_a_wrong_name, "document_action has no argument 'sumary', did you mean 'summary'?"),
        (with_an_unknown_name, "event_handler has no argument 'concurrent'; it has func, action, input_type, "),
        (with_a_wrong_value, "ws_handler(tags=…) takes a list, not 'chat'"),
        (with_nothing, "document_event() missing 1 required positional argument: 'event_type'"),
        (with_no_method, "@ws_handler decorates a method, not 5"),
    ],
)
def test_a_wrong_argument_is_told_with_its_class_and_line(define: Any, said: str) -> None:
    with pytest.raises(TypeError) as caught:
        define()
    line = define.__code__.co_firstlineno + 2
    place = f"{__name__}:{define.__name__}.<locals>.Room, line {line}: "
    assert str(caught.value).startswith(place + said)
    assert str(caught.value).count(", line ") == 1
