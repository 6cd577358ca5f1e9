"""Whether a reply is promised: by what a handler's annotation says it returns, and by nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import wraps
from inspect import isasyncgenfunction
from typing import Annotated, Any, Literal

import pytest

from chanspec import AsyncAPIGenerator, document_action
from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage, PongMessage
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer


class Go(BaseMessage):
    action: Literal["go"] = "go"


class Gone(BaseMessage):
    action: Literal["gone"] = "gone"


async def one(self: Any, message: Go) -> Gone: ...  # type: ignore[empty-body]


async def one_of_two(self: Any, message: Go) -> Gone | PongMessage: ...  # type: ignore[empty-body]


async def annotated(self: Any, message: Go) -> Annotated[Gone, "soon"]: ...  # type: ignore[empty-body]


async def perhaps(self: Any, message: Go) -> Gone | None: ...


async def several(self: Any, message: Go) -> list[Gone]: ...  # type: ignore[empty-body]


async def stream(self: Any, message: Go) -> AsyncIterator[Gone]:
    yield Gone()


async def nothing(self: Any, message: Go) -> None: ...


def reply_of(handler: Any, **options: Any) -> Any:
    """The reply in the document of a consumer with this handler."""

    @wraps(handler)
    async def own(*arguments: Any) -> Any: ...

    @wraps(handler)
    async def own_stream(*arguments: Any) -> Any:
        yield

    copy = own_stream if isasyncgenfunction(handler) else own
    body = {"__module__": __name__, "go": ws_handler(**options)(copy)}
    consumer = type("Consumer", (AsyncJsonWebsocketConsumer,), body)
    return AsyncAPIGenerator(consumer).get_spec()["operations"]["go"].get("reply")


@pytest.mark.parametrize("handler", [one, one_of_two, annotated])
def test_a_reply_that_must_be_returned_is_promised(handler: Any) -> None:
    assert reply_of(handler).keys() == {"channel", "messages"}
    assert reply_of(handler, output_type=PongMessage).keys() == {"channel", "messages"}


@pytest.mark.parametrize("handler", [perhaps, several, stream])
def test_a_reply_that_may_be_left_out_is_optional(handler: Any) -> None:
    assert reply_of(handler)["x-optional"] is True


def test_a_reply_that_is_sent_by_other_means_is_optional() -> None:
    assert reply_of(nothing, output_type=Gone)["x-optional"] is True
    assert reply_of(nothing) is None


def test_the_responses_of_a_described_action_are_promised() -> None:
    class Consumer:
        @document_action(action="go", responses={"gone": {}})
        async def handle_go(self, content: Any) -> None: ...

    reply = AsyncAPIGenerator(Consumer).get_spec()["operations"]["go"]["reply"]
    assert reply.keys() == {"channel", "messages"}
