"""Sends of undeclared messages that the source of a consumer shows."""

from __future__ import annotations

from typing import Any, Literal

from chanspec import (
    BaseMessage,
    CompleteMessage,
    ErrorMessage,
    PingMessage,
    PongMessage,
    document_action,
    document_event,
    ws_handler,
)
from chanspec.contract import contract_of
from chanspec.contract.sends import undeclared_sends
from chanspec.runtime.consumer import Consumer


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: str


class Left(BaseMessage):
    action: Literal["left"] = "left"


class SaidAgain(Said):
    """Another class, and the same name on the wire."""


class Refused(ErrorMessage):
    """An error of its own kind, which has a name of its own."""

    action: Literal["refused"] = "refused"  # type: ignore[assignment]


class Explained(ErrorMessage):
    """chanspec's own by name."""

    payload: str


def problems(consumer: type) -> list[str]:
    return [
        f"{each.where.rpartition('.')[2].partition(' ')[0]}: {each.what}"
        for each in undeclared_sends(contract_of(consumer))
    ]


class Quiet(Consumer[Any]):
    async def connect(self) -> None:
        await self.send_message(Left())  # nobody declares a message here, so there is no contract to break


class Base(Consumer[Any]):
    @ws_handler(output_type=Said)
    async def ping(self, message: PingMessage) -> PongMessage:
        await self.send_message(Said(payload="x"))
        await self.broadcast_message(SaidAgain(payload="x"), exclude_current=True)
        await self.send_message(ErrorMessage(payload=[]))
        await self.send_message(CompleteMessage())  # chanspec's own, which no handler declares
        await self.send_message(Explained(payload="x"))
        await self.send_json({"action": "complete"})
        await self.send_json({"action": "said", "payload": "x"})
        return PongMessage()

    async def disconnect(self, code: int) -> None:
        await self.broadcast_message(Left())


class Declared(Base):
    async def disconnect(self, code: int) -> None:
        """What it overrides is not looked at."""


class Written(Base):
    @ws_handler
    async def ping(self, message: PingMessage) -> None:
        said = Said(payload="x")
        await self.send_message(said)
        await self.send_json({"action": "gone"})

        def inner() -> Left:
            return Left()

        self.kept = inner

    @staticmethod
    def helper() -> None:
        """No method."""


def test_a_class_that_sends_what_it_declares_has_no_problem() -> None:
    assert problems(Quiet) == problems(Declared) == []


def test_a_send_of_an_inherited_method_is_seen_with_its_place_and_cure() -> None:
    [found] = undeclared_sends(contract_of(Base))
    assert found.where.startswith(f"{__name__}:Base.disconnect (line ")
    assert found.what == "sends Left, which no handler declares"
    assert found.cure == "name it in a handler, as @ws_handler(output_type=Left)"


def test_what_a_variable_or_a_dict_holds_is_seen() -> None:
    assert problems(Written) == [
        "ping: sends Said, which no handler declares",
        "ping: sends 'gone', which nothing declares",
        "disconnect: sends Left, which no handler declares",
    ]


def test_what_a_handler_returns_or_yields_without_saying_so_is_seen() -> None:
    class Returns(Consumer[Any]):
        @ws_handler(output_type=PongMessage)
        async def ping(self, message: PingMessage):  # type: ignore[no-untyped-def]
            if message.action:
                return Left()
            return PongMessage()

    assert problems(Returns) == ["ping: sends Left, which no handler declares"]


def test_a_subclass_of_a_message_of_chanspecs_is_known_by_its_name() -> None:
    class Refuses(Consumer[Any]):
        discriminator_field = "type"

        @ws_handler
        async def ping(self, message: PingMessage) -> PongMessage:
            await self.send_message(ErrorMessage(payload=[]))
            await self.send_message(Explained(payload="x"))
            await self.send_message(Refused(payload=[]))
            return PongMessage()

    assert problems(Refuses) == ["ping: sends Refused, which no handler declares"]


def test_what_cannot_be_told_is_no_problem() -> None:
    class Unclear(Consumer[Any]):
        @ws_handler
        async def ping(self, message: PingMessage) -> None:
            made: Any = Left() if message.action else PongMessage()
            made = made or PongMessage()
            await self.send_message(made)
            await self.send_message(self.make())
            await self.send_message(message)
            await self.send_json({"action": self.scope["path"]})
            await self.send_json(dict(action="left"))  # noqa: C408

        def make(self) -> Any:
            return Left()

    assert problems(Unclear) == []


def test_a_method_without_source_is_no_problem() -> None:
    class Made(Consumer[Any]):
        @ws_handler
        async def ping(self, message: PingMessage) -> None: ...

    names: dict[str, Any] = {"Left": Left}
    exec("async def connect(self): await self.send_message(Left())", names)
    Made.connect = names["connect"]  # type: ignore[method-assign]
    assert problems(Made) == []


def test_a_described_consumer_s_dicts_are_compared_with_its_events() -> None:
    class News:
        async def send_json(self, content: Any) -> None: ...

        async def receive_json(self, content: Any) -> None:
            await self.send_json({"type": "gone"})

        @document_event("news")
        async def news(self, event: Any) -> None:
            await self.send_json({"type": "news", "text": "x"})

    class Told(News):
        async def receive_json(self, content: Any) -> None:
            await self.send_json({"type": "news"})

        @document_action(responses={"done": None})
        async def handle_go(self, content: Any) -> None:
            await self.send_json({"type": "done"})

    assert problems(Told) == []
    assert problems(News) == ["receive_json: sends 'gone', which nothing declares"]
