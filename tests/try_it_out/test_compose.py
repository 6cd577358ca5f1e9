"""The form and the JSON editor: one draft in two views."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from playwright.sync_api import Locator, expect

from tests.try_it_out.conftest import Talk, frames, write


def panel_of(talk: Talk) -> Locator:
    return talk.dock.page.get_by_role("region", name="Try out wish")


def sent(talk: Talk) -> object:
    """The last message that the server heard, once it heard one more."""
    count = len(talk.liar.heard)
    panel_of(talk).get_by_role("button", name="Send").click()
    talk.liar.wait_for(count + 1)
    return json.loads(talk.liar.heard[-1])


def test_every_kind_of_field_becomes_json(talk: Talk) -> None:
    panel = panel_of(talk)
    panel.get_by_label("burst", exact=True).fill("0")
    panel.get_by_label("echo_token").select_option("false")
    panel.get_by_label("reason").fill("none")
    panel.get_by_label("mood").select_option("bad")
    panel.get_by_label("day").fill("2026-05-01")
    panel.get_by_role("button", name="Add place").click()
    panel.get_by_label("lat").fill("52.5")
    panel.get_by_label("null: name").check()
    panel.get_by_role("button", name="Add stops").click()
    panel.get_by_role("button", name="Add item to stops").click()
    panel.get_by_label("street").fill("Main St")
    panel.get_by_role("button", name="Add then").click()
    expect(panel.get_by_label("street")).to_have_count(2)
    panel.get_by_label("street").last.fill("Side St")
    panel.get_by_role("button", name="Add pay").click()
    panel.get_by_label("Kind of pay").select_option("Cash")
    panel.get_by_label("coins").fill("3")
    assert sent(talk) == {
        "action": "wish",
        "burst": 0,
        "echo_token": False,
        "reason": "none",
        "mood": "bad",
        "day": "2026-05-01",
        "place": {"lat": 52.5, "name": None},
        "stops": [{"street": "Main St", "then": {"street": "Side St"}}],
        "pay": {"coins": 3},
    }
    panel.get_by_role("button", name="Remove stops 1").click()
    panel.get_by_role("button", name="Leave out place").click()
    panel.get_by_label("reason").fill("")
    left = sent(talk)
    assert isinstance(left, dict)
    assert left["stops"] == []
    assert not {"place", "reason"} & set(left)


def test_the_form_follows_the_json(talk: Talk) -> None:
    panel = panel_of(talk)
    write(panel, '{"action": "wish", "burst": 7, "pay": {"coins": 2}}')
    expect(panel.get_by_label("burst", exact=True)).to_have_value("7")
    expect(panel.get_by_label("Kind of pay")).to_have_value("1")
    write(panel, '{"action": "wish", ')
    expect(panel).to_contain_text("The JSON has a mistake in its syntax")
    panel.get_by_role("button", name="Generated example").click()
    expect(panel.get_by_label("burst", exact=True)).to_have_value("")


def test_the_editor_completes_names_and_values(talk: Talk) -> None:
    panel = panel_of(talk)
    page = talk.dock.page
    write(panel, '{"action": "wish", ')
    page.keyboard.type('"mo')
    # Clicked: the editor takes Enter for a new line when it comes right after the list.
    page.get_by_role("option", name='"mood"').click()
    expect(panel.get_by_role("textbox", name="as JSON")).to_contain_text('"mood": "good"')


def test_a_number_that_a_form_would_change_is_left_to_the_json(talk: Talk) -> None:
    panel = panel_of(talk)
    write(panel, '{"action": "wish", "burst": 0, "say": [9007199254740993]}')
    expect(panel).to_contain_text("A form cannot hold the number 9007199254740993 exactly")
    expect(panel.get_by_label("burst", exact=True)).to_have_count(0)
    panel.get_by_role("button", name="Send").click()
    talk.liar.wait_for(1)
    assert talk.liar.heard == ['{"action":"wish","burst":0,"say":[9007199254740993]}']
    panel.get_by_role("button", name="Generated example").click()
    expect(panel.get_by_label("burst", exact=True)).to_be_visible()


def test_a_wrong_message_is_marked_and_can_be_sent_on_purpose(talk: Talk) -> None:
    panel = panel_of(talk)
    panel.get_by_label("burst", exact=True).fill("-1")
    expect(panel.get_by_role("status").last).to_contain_text("/burst")
    expect(panel.get_by_label("burst", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(panel.get_by_role("button", name="Send anyway")).to_be_visible()
    assert sent(talk) == {"action": "wish", "burst": -1}
    expect(frames(talk.connection, "sent wrong")).to_have_count(1)


def test_the_code_for_python_runs_and_sends_the_message(talk: Talk) -> None:
    panel = panel_of(talk)
    write(panel, '{"action": "wish", "reason": "tschüß \\"quoted\\" \U0001f695", "close": 1000}')
    panel.get_by_role("button", name="Code").click()
    panel.get_by_role("button", name="Python").click()
    expect(panel.locator("pre")).to_contain_text("async def main")
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    code = panel.locator("pre").inner_text()
    subprocess.run([sys.executable, "-c", code], env={**environment, "COOKIE": "c00kie"}, check=True, timeout=60)
    assert json.loads(talk.liar.heard[-1])["reason"] == 'tschüß "quoted" \U0001f695'
    assert talk.liar.cookies[-1] == "session=c00kie"


def test_the_keyboard_sends_and_tab_leaves_the_editor(talk: Talk) -> None:
    panel = panel_of(talk)
    editor = panel.get_by_role("textbox", name="as JSON")
    write(panel, '{"action":"wish","burst":1}')
    editor.press("Control+Enter")
    expect(frames(talk.connection, '"number": 0')).to_be_visible()
    editor.press("Tab")
    expect(editor).not_to_be_focused()


def test_what_the_server_sent_is_offered_where_it_may_go_back(talk: Talk) -> None:
    panel = panel_of(talk)
    talk.send({"say": [{"type": "said", "text": "x", "reason": "because"}]})
    panel.get_by_role("button", name="Use received reason").click()
    expect(panel.get_by_label("reason", exact=True)).to_have_value("because")
