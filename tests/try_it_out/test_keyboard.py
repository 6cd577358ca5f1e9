"""The try-it-out without a pointer: Tab, Enter and Ctrl+Enter connect and send."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser import Watch
from tests.try_it_out.conftest import Dock, frames
from tests.try_it_out.liar import Liar, document
from tests.viewer.site import Site

MOST_STEPS = 120  # round the whole page


def tab_to(target: Locator) -> None:
    """Presses Tab until an element has the focus, and sees that it shows it has."""
    target.wait_for()  # pressed before it is there, all the steps could be over by then
    for _ in range(MOST_STEPS):
        target.page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            assert target.evaluate("element => element.matches(':focus-visible')")
            return
    raise AssertionError(f"Tab never reached {target}")


def test_the_keyboard_alone_connects_and_sends(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    page.goto(site.offer(wishes=document(liar.address)))
    keyboard = page.keyboard
    tab_to(page.get_by_role("banner").get_by_role("button", name="Try it out"))
    keyboard.press("Enter")
    dock = Dock(page)
    expect(dock.root).to_be_visible()

    tab_to(dock.root.get_by_label("room (path)"))
    keyboard.type("1")
    tab_to(dock.root.get_by_role("button", name="Connect", exact=True))
    keyboard.press("Enter")
    expect(frames(dock.root, "Connected to")).to_be_visible()

    place = page.locator("#operation-reply-wish")
    tab_to(place.get_by_role("button", name="Try it out"))
    keyboard.press("Enter")
    panel = page.get_by_role("region", name="Try out wish")
    expect(panel).to_be_visible()
    tab_to(panel.get_by_label("burst", exact=True))
    keyboard.type("2")
    keyboard.press("Control+Enter")
    expect(frames(dock.root, '"number": 1}')).to_be_visible()

    tab_to(panel.get_by_role("textbox", name="as JSON"))
    tab_to(panel.get_by_role("button", name="Send"))  # Tab leaves the editor
    keyboard.press("Enter")
    expect(frames(dock.root, '"number": 1}')).to_have_count(2)
    assert len(liar.heard) == 2
