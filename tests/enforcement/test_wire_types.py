"""What the document says of a type is what pydantic writes and reads for it."""

import json
from typing import Any, Literal

import pydantic
import pytest

from chanspec.asyncapi import AsyncAPIGenerator
from chanspec.asyncapi.payloads import Payloads, validator
from chanspec.contract import Message
from chanspec.decorators import document_action, document_event, ws_handler
from chanspec.enforcement import FrameChecker, checker_of
from chanspec.enforcement.formats import LENIENT
from chanspec.messages import BaseMessage
from chanspec.problems import Problem
from chanspec.runtime.codec import Codec
from chanspec.runtime.consumer import Consumer
from tests.official_parser.plugin import OfficialParser
from tests.wire_types import CORPUS, LOOSER, NARROWER, UNKNOWN, UNREADABLE, WRITTEN_ONLY, Mixed, Permission


class Both:
    """A consumer that takes and returns what a type is: its documents, its checker and its codec."""

    def __init__(self, annotation: Any) -> None:
        self.message: Any = pydantic.create_model(
            "EchoMessage", __base__=BaseMessage, action=(Literal["echo"], "echo"), payload=(annotation, ...)
        )

        class Echo(Consumer[Any]):
            @ws_handler(input_type=self.message, output_type=self.message)
            async def echo(self, received: Any) -> Any: ...

        self.checker: FrameChecker = checker_of(Echo)
        action = self.checker.contract.actions[0]
        self.codec = Codec(self.checker.contract.handlers, (), "action")
        self.problems: list[Problem] = []
        self.taken, self.sent = self.schema(action.message), self.schema(action.replies[0])

    def schema(self, message: Message) -> Any:
        found, problems = Payloads().wire(message, message.value)
        self.problems += problems
        return validator(found.root, found.definitions, LENIENT)

    def written(self, value: Any) -> Any:
        return json.loads(self.codec.encode(self.message.model_construct(action="echo", payload=value)))

    def reads(self, frame: Any) -> bool:
        try:
            self.codec.decode(json.dumps(frame))
        except pydantic.ValidationError:
            return False
        return True


@pytest.mark.parametrize("name", CORPUS)
def test_what_pydantic_writes_is_documented(name: str) -> None:
    annotation, values, wrong = CORPUS[name]
    both = Both(annotation)
    assert both.problems == []
    for value in values:
        frame = both.written(value)
        assert [error.message for error in both.sent.iter_errors(frame)] == []
        assert both.checker.outbound(json.dumps(frame)) is None
        if name in WRITTEN_ONLY:
            continue
        assert both.reads(frame)
        if name not in NARROWER:
            assert [error.message for error in both.taken.iter_errors(frame)] == []
    for each in wrong:
        frame = {"action": "echo", "payload": each}
        assert not both.reads(frame)
        if name not in LOOSER:
            assert not both.taken.is_valid(frame)


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_serializer_that_does_not_say_what_it_returns_may_write_anything_and_is_a_problem(name: str) -> None:
    annotation, value, told = UNKNOWN[name]
    both = Both(annotation)
    frame = both.written(value)
    assert both.sent.is_valid(frame)
    assert both.checker.outbound(json.dumps(frame)) is None
    [problem] = both.problems
    assert problem.what.startswith(f"EchoMessage: {told}")
    assert problem.where.endswith("Echo.echo")
    assert problem.cure == "annotate what it returns"


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_pydantic_writes_and_cannot_read_is_a_problem_and_clients_are_told_not_to_send_it(name: str) -> None:
    annotation, value, told = UNREADABLE[name]
    both = Both(annotation)
    frame = both.written(value)
    assert both.sent.is_valid(frame)
    assert both.checker.outbound(json.dumps(frame)) is None
    assert not both.reads(frame)
    assert not both.taken.is_valid(frame)
    [problem] = both.problems
    assert told in problem.what


def test_of_an_enum_clients_may_send_the_values_that_are_read() -> None:
    both = Both(Mixed)
    for member in Mixed:
        frame = both.written(member)
        assert both.sent.is_valid(frame)
        assert both.taken.is_valid(frame) is both.reads(frame)


def test_as_keys_clients_may_send_what_is_read_as_one() -> None:
    for annotation, value in ((dict[Mixed, int], dict.fromkeys(Mixed, 1)), (dict[int | None, int], {1: 1, None: 2})):
        both = Both(annotation)
        frame = both.written(value)
        assert both.sent.is_valid(frame)
        for key in frame["payload"]:
            one = {"action": "echo", "payload": {key: 1}}
            assert both.taken.is_valid(one) is both.reads(one)
    both = Both(dict[Permission, int])
    assert both.sent.is_valid(both.written({Permission.READ | Permission.RUN: 1}))
    assert [both.taken.is_valid({"action": "echo", "payload": {key: 1}}) for key in ("1", "5")] == [True, False]


ODD = (
    "keys of an int enum",
    "keys of two types",
    "flags with a gap",
    "numbers that may be null",
    "a pattern",
    "decimals",
)


def test_the_official_parser_takes_what_is_said_of_them(official_parser: OfficialParser) -> None:
    methods: dict[str, Any] = {}
    every = [*(CORPUS[name] for name in ODD), *UNKNOWN.values(), *UNREADABLE.values()]
    for number, (annotation, *_) in enumerate(every):
        payload = pydantic.create_model(f"Payload{number}", p=(annotation, ...))

        async def ask(self: Any) -> None: ...

        async def told(self: Any) -> None: ...

        methods[f"ask_{number}"] = document_action(payload=payload)(ask)
        methods[f"told_{number}"] = document_event(f"told_{number}", payload=payload)(told)
    generator = AsyncAPIGenerator(consumers=[(type("Everything", (), methods), "/")])
    official_parser.check(generator.get_yaml())
    assert len(generator.problems) == len(UNKNOWN) + len(UNREADABLE)
