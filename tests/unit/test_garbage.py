"""Building a document without collections of garbage."""

import gc
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from pydantic import BaseModel, GetJsonSchemaHandler

from chanspec import AsyncAPIGenerator
from chanspec.asyncapi.garbage import uncollected
from chanspec.decorators import ws_handler
from chanspec.messages import BaseMessage


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    yield
    gc.enable()


def test_nothing_is_collected_meanwhile() -> None:
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_fails_is_collected_after() -> None:
    with pytest.raises(KeyError), uncollected():
        raise KeyError
    assert gc.isenabled()


def test_who_turned_it_off_finds_it_off() -> None:
    gc.disable()
    with uncollected():
        pass
    assert not gc.isenabled()


def test_no_garbage_is_collected_while_a_document_is_built() -> None:
    seen: list[bool] = []

    class Watched(BaseModel):
        @classmethod
        def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> Any:
            seen.append(gc.isenabled())
            return handler(schema)

    class SayMessage(BaseMessage):
        action: Literal["say"] = "say"
        payload: Watched

    class Talk:
        @ws_handler
        async def handle_say(self, message: SayMessage) -> None: ...

    assert AsyncAPIGenerator(Talk).get_spec()["channels"]
    assert seen == [False] * len(seen) != []
    assert gc.isenabled()
