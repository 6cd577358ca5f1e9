"""The chat example in a browser: two people talk, on a laptop and on a phone, and the docs show what they use."""

from __future__ import annotations

import itertools
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Watch, notice, running_browser

Join = Callable[..., Page]
_rooms = itertools.count(1)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def join(browser: Browser, chat: str) -> Iterator[Join]:
    """`join(name)`: a window in this test's room; it must log nothing, stay on its origin, and fit its width."""
    room = f"browser-{next(_rooms)}"
    opened: list[tuple[Page, Watch]] = []

    def open_window(name: str | None, *, width: int = 1280, height: int = 800, scheme: str = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        opened.append((page, Watch(page)))
        page.goto(f"{chat}/rooms/{room}")
        if name is not None:
            page.get_by_label("Your name").fill(name)
            page.get_by_role("button", name="Join the room").click()
            expect(page.get_by_role("status")).to_have_text("connected")
        return page

    yield open_window
    for page, watch in opened:
        width = page.viewport_size
        assert width is not None
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width["width"]
        page.context.close()
        assert watch.errors == []
        assert watch.requests_off(chat) == []


def say(page: Page, text: str) -> None:
    page.get_by_label("Message").fill(text)
    page.get_by_role("button", name="Send").click()


def test_two_people_talk(join: Join) -> None:
    ada, emeka = join("Ada"), join("Emeka", width=390, height=844)
    expect(ada.locator("#people li")).to_have_count(2)
    typing = notice(emeka, "#typing", "Ada is typing")
    ada.get_by_label("Message").press_sequentially("<b>Hel", delay=20)
    expect(typing).to_be_attached()
    say(ada, "<b>Hello</b> Emeka")
    for page in (ada, emeka):
        expect(page.get_by_role("log").get_by_text("<b>Hello</b> Emeka")).to_be_visible()  # as text, not as markup
    expect(emeka.locator("#typing")).to_be_empty()
    expect(ada.get_by_label("Message")).to_be_empty()
    say(emeka, "Hi Ada")
    expect(ada.get_by_role("listitem").filter(has_text="Hi Ada").get_by_text("Emeka")).to_be_visible()


def test_who_comes_later_reads_what_was_said(join: Join) -> None:
    ada = join("Ada")
    say(ada, "the first")
    say(ada, "the second")
    expect(ada.locator("#log .bubble")).to_have_text(["the first", "the second"])  # and so they are kept
    emeka = join("Emeka")
    expect(emeka.locator("#log .bubble")).to_have_text(["the first", "the second"])
    ada.reload()  # the window remembers the name
    expect(ada.locator("#log .bubble")).to_have_text(["the first", "the second"])


def test_the_assistant_answers_word_by_word_while_one_talks(join: Join) -> None:
    ada, emeka = join("Ada"), join("Emeka")
    streaming = notice(ada, "li.assistant.streaming")
    ada.get_by_label("Message").fill("How does streaming work?")
    ada.get_by_role("button", name="Ask the assistant").click()
    answer = ada.locator("li.assistant")
    expect(streaming).to_be_attached()
    say(ada, "meanwhile")
    expect(ada.get_by_role("log").get_by_text("meanwhile")).to_be_visible()
    expect(answer).to_have_class("assistant")  # it has ended
    assert len(answer.locator(".bubble").inner_text().split()) > 15
    expect(emeka.get_by_role("log").get_by_text("meanwhile")).to_be_visible()
    expect(emeka.locator("li.assistant")).to_have_count(0)


def test_announcements_of_the_http_side_appear(join: Join, chat: str) -> None:
    ada = join("Ada")
    url = f"{ada.url}/announcements"
    request = urllib.request.Request(url, b'{"text": "Tea is ready"}', {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        assert response.status == 204
    expect(ada.locator(".notice")).to_have_text("Tea is ready")


def test_who_leaves_is_gone_from_the_list(join: Join) -> None:
    ada, emeka = join("Ada"), join("Emeka")
    expect(ada.locator("#people li")).to_have_count(2)
    emeka.goto("about:blank")
    expect(ada.locator("#people li")).to_have_text(["AAda (you)"])


def test_a_refusal_says_why(join: Join) -> None:
    page = join(None)
    page.get_by_label("Your name").fill("a\u200bb")  # not printable
    page.get_by_role("button", name="Join the room").click()
    expect(page.get_by_role("alert")).to_have_text("Say a name of at most 24 characters.")
    expect(page.get_by_label("Your name")).to_be_visible()


def test_keyboard_alone_is_enough(join: Join) -> None:
    page = join(None)
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("connected")
    page.keyboard.type("typed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log").get_by_text("typed")).to_be_visible()


def test_the_docs_show_the_messages_of_the_room(browser: Browser, chat: str) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    watch = Watch(page)
    page.goto(f"{chat}/ws-docs")
    expect(page.get_by_role("heading", name="Chat").first).to_be_visible()
    for text in ("/ws/rooms/{room_id}", "Ask the assistant", "AnswerWordMessage"):
        expect(page.get_by_text(text).first).to_be_attached()
    expect(page.get_by_text("demo_drift")).to_have_count(0)  # only where it was asked for
    assert watch.errors == []
    assert watch.requests_off(chat) == []
    page.context.close()
