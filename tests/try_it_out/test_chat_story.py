"""The story in the docs of the chat example, on FastAPI: two people in a room, the assistant, and the saved log.

The example runs with `DEMO_DRIFT=1`, so that one of its messages can be wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import Watch
from tests.chat.conftest import chat  # noqa: F401 - a fixture
from tests.try_it_out.conftest import connect, flagged, frames, obstacles, opened, panel_of, saved, shot

pytestmark = pytest.mark.parametrize("chat", [{"DEMO_DRIFT": "1"}], indirect=True, ids=["drift"])


@pytest.fixture
def page(browser: Browser, chat: str) -> Iterator[Page]:  # noqa: F811 - the fixture
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    page = context.new_page()
    watch = Watch(page)
    yield page
    context.close()
    assert watch.errors == []
    assert watch.requests_off(chat) == []


def enter(connection: Locator, name: str) -> None:
    """Connects to the room under a name, which the chat takes from the query as it would a token."""
    connection.get_by_label("room_id (path)").fill("docs")
    connection.get_by_label("Query token: name").fill(name)
    connection.get_by_role("button", name="Apply").click()
    connect(connection)
    # The document calls it a token, so the log does not show it.
    expect(frames(connection, '"names"').last).to_contain_text('"•••"')
    expect(connection.get_by_role("listbox")).not_to_contain_text(f'"{name}"')


def test_two_people_and_the_assistant_talk_in_the_docs(page: Page, chat: str) -> None:  # noqa: F811
    page.goto(f"{chat}/ws-docs/")
    dock = opened(page)
    grace = dock.name_last("Grace")
    enter(grace, "Ida")  # hidden, though short; a longer name that holds it is not
    emeka = dock.add("Emeka")
    enter(emeka, "Emeka")

    say = panel_of(page, "operation-reply-say")
    say.get_by_role("textbox", name="text *").fill("Hello from Idaho")
    say.get_by_label("Send as").select_option(label="Grace (connected)")
    say.get_by_role("button", name="Send").click()
    for connection in (grace, emeka):
        expect(frames(connection, "posted")).to_contain_text("Hello from Idaho")

    ask = panel_of(page, "operation-reply-ask")
    ask.get_by_role("textbox", name="question *").fill("How does streaming work?")
    ask.get_by_label("Send as").select_option(label="Emeka (connected)")
    ask.get_by_role("button", name="Send").click()
    expect(frames(emeka, "answer_end").last).to_be_visible()
    shot(page, "9-chat")

    drift = panel_of(page, "operation-receive-demo_drift")
    drift.get_by_label("Send as").select_option(label="Grace (connected)")
    drift.get_by_role("button", name="Send").click()
    flagged(grace, "/payload/id is a string, not an integer", "/payload lacks “text”")
    expect(emeka.get_by_role("button", name="0 wrong")).to_be_visible()
    shot(page, "10-chat-wrong")
    assert obstacles(page) == []

    heard = {
        name: [json.loads(line) for line in saved(each).splitlines()]
        for name, each in {"Grace": grace, "Emeka": emeka}.items()
    }
    for name, wrong in {"Grace": ["posted"], "Emeka": []}.items():
        received = [line for line in heard[name] if line["direction"] == "received"]
        assert [line["message"] for line in received if line["check"] != "right"] == wrong
    actions = [line.get("message") for line in heard["Emeka"]]
    assert actions.count("answer_start") == actions.count("answer_end") == 1
    assert actions.count("answer_word") > 15
    assert "posted" in actions
    assert "answer_word" not in [line.get("message") for line in heard["Grace"]]
