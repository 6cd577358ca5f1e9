"""The chat example's stories under ``mode="error"``: typed consumers on FastAPI, streams and broadcasts, no drift."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest

from chanspec.enforcement import ContractMiddleware, Drift
from tests.chat import test_chat
from tests.chat.conftest import EXAMPLE, document, enter, validators  # noqa: F401 - fixtures
from tests.starlette.conftest import running

found: list[Drift] = []


@pytest.fixture(scope="session")
def chat() -> Iterator[str]:
    """The example, inside the middleware."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(EXAMPLE))
        application = importlib.import_module("chat.app").app
        with running(ContractMiddleware(application, on_drift=found.append)) as server:
            yield f"http://{server.netloc}"


STORIES = [
    test_chat.test_what_is_said_reaches_everybody_in_the_room,
    test_chat.test_typing_is_shown_to_the_others,
    test_chat.test_history_has_the_last_posts,
    test_chat.test_the_assistant_streams_to_who_asked_and_says_the_same_again,
    test_chat.test_the_conversation_goes_on_while_the_assistant_streams,
    test_chat.test_leaving_is_seen_by_the_others_even_in_the_middle_of_an_answer,
]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.removeprefix("test_"))
async def test_a_story_has_no_drift(story: Any, enter: Any) -> None:  # noqa: F811
    before = len(found)
    await story(enter)
    assert found[before:] == []


async def test_announcements_have_no_drift(enter: Any, chat: str, request: Any) -> None:  # noqa: F811
    before = len(found)
    await test_chat.test_announcements_come_from_http(enter, chat, request)
    assert found[before:] == []


async def test_a_bad_frame_is_a_drift_of_the_client(enter: Any) -> None:  # noqa: F811
    before = len(found)
    await test_chat.test_what_is_not_valid_is_answered_with_the_field(
        enter, {"action": "say", "payload": {"text": "   "}}, ["payload", "text"]
    )
    (drift,) = found[before:]
    assert (drift.direction, drift.message, drift.path) == ("in", "say", "payload.text")
    assert drift.where == "chat.consumers:RoomConsumer.handle_say"
