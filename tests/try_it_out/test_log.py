"""What the log shows of a server that does not do what its document says."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser import Watch, notice
from tests.try_it_out.conftest import Talk, connect, frames, opened, saved, shot
from tests.try_it_out.liar import Liar, document
from tests.viewer.site import Site

MOST_ROWS = 80


def test_frames_that_are_not_as_documented_are_marked_with_place_and_reason(talk: Talk) -> None:
    right = {"type": "tick", "number": 1}
    wrong = {"type": "tick", "number": "one"}
    talk.send({"say": [right, wrong, {"type": "gossip"}, "not json"]})
    expect(frames(talk.connection, "mismatch")).to_have_count(1)
    expect(frames(talk.connection, "undocumented")).to_have_count(2)
    talk.connection.get_by_role("button", name="3 wrong").click()
    expect(talk.connection.get_by_role("listbox").get_by_role("option")).to_have_count(3)
    frames(talk.connection, "mismatch").click()
    detail = talk.connection.get_by_role("region", name="Frame")
    expect(detail).to_contain_text("/number is a string, not an integer")
    expect(detail).to_contain_text("not as documented")
    shot(talk.dock.page, "8-flagged")
    frames(talk.connection, "gossip").click()
    expect(detail).to_contain_text("The frame is no message that the document describes: type “gossip”")


def test_ten_thousand_frames_are_all_there_while_the_page_holds_few(talk: Talk) -> None:
    log = talk.connection.get_by_role("listbox")
    held = talk.dock.page.locator(".try-entry")
    talk.send({"burst": 10_000})
    expect(frames(talk.connection, '"number": 9999}')).to_be_visible()
    assert held.count() < MOST_ROWS
    log.press("Home")
    expect(frames(talk.connection, '"number": 0}')).to_be_visible()
    assert held.count() < MOST_ROWS
    talk.connection.get_by_label("Text in frames").fill('"number": 4321}')
    expect(frames(talk.connection, '"number": 4321}')).to_have_count(1)
    talk.connection.get_by_label("Text in frames").fill("")
    with talk.dock.page.expect_download() as download:
        talk.connection.get_by_role("button", name="Download").click()
    lines = [json.loads(line) for line in Path(download.value.path()).read_text().splitlines()]
    assert [line["frame"]["number"] for line in lines if line.get("message") == "tick"] == list(range(10_000))


def test_the_log_is_filtered_paused_cleared_and_saved(talk: Talk) -> None:
    talk.send({"burst": 3, "say": [{"type": "said", "text": "hello"}]})
    log = talk.connection.get_by_role("listbox")
    expect(frames(talk.connection, "hello")).to_have_count(2)
    talk.connection.get_by_label("Direction").select_option("sent")
    expect(log.get_by_role("option")).to_have_count(1)
    talk.connection.get_by_label("Direction").select_option("all")
    talk.connection.get_by_label("Message", exact=True).select_option("tick")
    expect(log.get_by_role("option")).to_have_count(3)
    talk.connection.get_by_label("Message", exact=True).select_option("")
    talk.connection.get_by_role("button", name="Pause").click()
    talk.send({"burst": 2})
    expect(talk.connection.get_by_role("button", name="Resume (3 new)")).to_be_visible()
    talk.connection.get_by_role("button", name="Resume").click()
    expect(frames(talk.connection, "tick")).to_have_count(5)
    with talk.dock.page.expect_download() as download:
        talk.connection.get_by_role("button", name="Download").click()
    assert download.value.suggested_filename == "Guest.jsonl"
    lines = [json.loads(line) for line in Path(download.value.path()).read_text().splitlines()]
    assert [line["frame"]["number"] for line in lines if line.get("message") == "tick"] == [0, 1, 2, 0, 1]
    assert lines[1]["frame"]["action"] == "wish"
    talk.connection.get_by_role("button", name="Clear").click()
    expect(log.get_by_role("option")).to_have_text(["Nothing here yet."])


def test_a_paused_log_is_searched_without_going_on(talk: Talk) -> None:
    talk.send({"burst": 3, "say": [{"type": "said", "text": "hello"}]})
    log = talk.connection.get_by_role("listbox")
    expect(frames(talk.connection, "hello")).to_have_count(2)
    talk.connection.get_by_role("button", name="Pause").click()
    talk.send({"burst": 4})
    resume = talk.connection.get_by_role("button", name="Resume (5 new)")
    expect(resume).to_be_visible()
    talk.connection.get_by_label("Message", exact=True).select_option("tick")
    expect(log.get_by_role("option")).to_have_count(3)
    resume.click()
    expect(log.get_by_role("option")).to_have_count(7)
    talk.connection.get_by_role("button", name="Pause").click()
    talk.connection.get_by_role("button", name="Clear").click()
    expect(log.get_by_role("option")).to_have_text(["Nothing here yet."])


def test_a_frame_is_shown_and_saved_as_it_came(talk: Talk) -> None:
    talk.send({"say": ['{"type":"said","text":"exact","id":9007199254740993,"ratio":1.0}']})
    frames(talk.connection, '"ratio"').last.click()
    detail = talk.connection.get_by_role("region", name="Frame")
    expect(detail.locator("pre")).to_have_text(
        '{\n  "type": "said",\n  "text": "exact",\n  "id": 9007199254740993,\n  "ratio": 1.0\n}'
    )
    assert '"frame":{"type":"said","text":"exact","id":9007199254740993,"ratio":1.0}' in saved(talk.connection)


def test_a_server_cannot_turn_the_page_s_own_words_around(talk: Talk) -> None:
    talk.send({"say": ["left \u202e right"]})
    expect(frames(talk.connection, "left \\u202e right")).to_have_count(2)  # as it was asked for, and as it came
    talk.send({"close": 4401, "reason": "\u202eno"})
    status = talk.connection.get_by_role("status").first
    expect(status).to_have_text("authentication refused (4401): “\\u202eno”")


def test_a_frame_is_sent_again_and_edited_from_the_log(talk: Talk) -> None:
    talk.send({"burst": 1})
    frames(talk.connection, '"burst"').click()
    talk.connection.get_by_role("button", name="Send again").click()
    expect(frames(talk.connection, '"number": 0')).to_have_count(2)
    talk.connection.get_by_role("button", name="Edit").click()
    composer = talk.dock.root.get_by_role("region", name="Compose a message")
    composer.get_by_label("burst", exact=True).fill("4")
    composer.get_by_label("burst", exact=True).press("Control+Enter")
    expect(frames(talk.connection, '"number": 3')).to_be_visible()


def test_a_frame_and_the_log_are_copied(talk: Talk) -> None:
    page = talk.dock.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    talk.send({"burst": 1})
    frames(talk.connection, '"number": 0').click()
    detail = talk.connection.get_by_role("region", name="Frame")
    copied = notice(page, ".try-frame button", "Copied")
    detail.get_by_role("button", name="Copy").click()
    expect(copied).to_be_attached()
    assert page.evaluate("navigator.clipboard.readText()") == '{\n  "type": "tick",\n  "number": 0\n}'
    tools = talk.connection.get_by_role("toolbar", name="Log")
    copied = notice(page, ".try-log-tools button", "Copied")
    tools.get_by_role("button", name="Copy").click()
    expect(copied).to_be_attached()
    lines = [json.loads(line) for line in page.evaluate("navigator.clipboard.readText()").splitlines()]
    assert [line["direction"] for line in lines] == ["note", "sent", "received"]


def test_a_close_code_is_said_in_words(talk: Talk) -> None:
    talk.send({"close": 4401, "reason": "token expired"})
    status = talk.connection.get_by_role("status").first
    expect(status).to_have_text("authentication refused (4401): “token expired”")


def test_a_lost_connection_is_tried_again_where_that_was_asked_for(talk: Talk) -> None:
    talk.connection.get_by_role("button", name="Settings").click()
    talk.connection.get_by_label("Connect again").check()
    talk.connection.get_by_role("button", name="Settings").click()
    talk.send({"close": 1012})
    expect(frames(talk.connection, "the server restarts (1012)")).to_be_visible()
    expect(frames(talk.connection, "Connected to")).to_have_count(2)


def test_a_server_that_the_policy_forbids_is_explained(page: Page, site: Site, liar: Liar) -> None:
    site.policy = "default-src 'self'"
    page.goto(site.offer(wishes=document(liar.address)))
    guest = opened(page).name_last("Guest")
    guest.get_by_label("room (path)").fill("1")
    guest.get_by_role("button", name="Connect", exact=True).click()
    expect(guest.get_by_role("status").first).to_contain_text("Content-Security-Policy forbids it")
    assert liar.asked == []


def test_a_server_that_is_not_there_is_explained(page: Page, site: Site) -> None:
    site.policy = "default-src 'self'; connect-src 'self' ws://127.0.0.1:9"
    page.goto(site.offer(wishes=document("127.0.0.1:9")))
    guest = opened(page).name_last("Guest")
    guest.get_by_label("room (path)").fill("1")
    guest.get_by_role("button", name="Connect", exact=True).click()
    expect(guest.get_by_role("status").first).to_contain_text("the server is not there")


def test_what_the_address_lacks_is_asked_for(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    page.goto(site.offer(wishes=document(liar.address)))
    guest = opened(page).name_last("Guest")
    guest.get_by_role("button", name="Connect", exact=True).click()
    expect(guest.get_by_role("status").first).to_have_text("Fill in room first.")
    guest.get_by_label("room (path)").fill("a/b?c")
    guest.get_by_label("verbose (query)").select_option("yes")
    connect(guest)
    assert liar.asked == ["/rooms/a%2Fb%3Fc?verbose=yes"]
