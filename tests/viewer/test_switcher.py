"""Several documents in one page: by mouse, by keyboard, by address and by the Back button."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Watch
from tests.viewer.site import Answer, Site, choice


@pytest.fixture(autouse=True)
def documents(site: Site) -> None:
    site.offer_files("dispatch", "lamps", "chatter")


def test_choosing_a_document_shows_it_without_a_reload(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.page)
    expect(page.locator("#introduction")).to_contain_text("Dispatch API")
    page.evaluate("window.untouched = true")
    page.get_by_role("combobox", name="Document").select_option("lamps")
    expect(page.locator("#introduction")).to_contain_text("City Lamps")
    expect(page.locator("#operation-reply-request_ride")).to_have_count(0)
    expect(page).to_have_url(choice(site.page, "lamps"))
    assert page.evaluate("window.untouched")


def test_the_keyboard_is_enough(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.page)
    expect(page.locator("#introduction")).to_contain_text("Dispatch API")
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SELECT":
            break
    page.keyboard.press("ArrowDown")
    expect(page.locator("#introduction")).to_contain_text("City Lamps")
    expect(page.get_by_role("combobox", name="Document")).to_be_focused()


def test_back_and_forward_go_through_the_choices(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.page)
    expect(page.locator("#introduction")).to_contain_text("Dispatch API")
    page.get_by_role("combobox", name="Document").select_option("lamps")
    expect(page.locator("#introduction")).to_contain_text("City Lamps")
    page.get_by_role("combobox", name="Document").select_option("chatter")
    expect(page.locator("#introduction")).to_contain_text("Chatter")
    page.go_back()
    expect(page.locator("#introduction")).to_contain_text("City Lamps")
    expect(page.get_by_role("combobox", name="Document")).to_have_value("lamps")
    page.go_back()
    expect(page.locator("#introduction")).to_contain_text("Dispatch API")
    page.go_forward()
    expect(page.locator("#introduction")).to_contain_text("City Lamps")


def test_an_address_opens_its_document_at_its_operation(page: Page, site: Site, watch: Watch) -> None:
    page.goto(f"{choice(site.page, 'lamps')}#operation-send-turnOn")
    expect(page.locator("#operation-send-turnOn")).to_be_in_viewport()
    expect(page.get_by_role("combobox", name="Document")).to_have_value("lamps")


def test_an_unknown_choice_is_the_first_document(page: Page, site: Site, watch: Watch) -> None:
    page.goto(choice(site.page, "nobody's <b>document</b>"))
    expect(page.locator("#introduction")).to_contain_text("Dispatch API")
    expect(page.get_by_role("combobox", name="Document")).to_have_value("dispatch")


def test_a_link_inside_a_document_stays_in_it(page: Page, site: Site, watch: Watch) -> None:
    """The component makes links to servers from the address at which the page was opened."""
    page.goto(site.page)
    expect(page.locator("#introduction")).to_contain_text("Dispatch API")
    page.get_by_role("combobox", name="Document").select_option("chatter")
    page.evaluate("window.untouched = true")
    page.locator("#operation-send-say").get_by_role("link", name="main").click()
    expect(page.locator("#server-main")).to_be_in_viewport()
    expect(page).to_have_url(f"{choice(site.page, 'chatter')}#server-main")
    assert page.evaluate("window.untouched")


def test_one_broken_document_leaves_the_others(page: Page, site: Site) -> None:
    site.documents["/lamps.yaml"] = Answer(b"gone", "text/plain", 500)
    page.goto(site.page)
    page.get_by_role("combobox", name="Document").select_option("lamps")
    expect(page.get_by_role("alert")).to_contain_text("HTTP 500")
    page.get_by_role("combobox", name="Document").select_option("chatter")
    expect(page.locator("#introduction")).to_contain_text("Chatter")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_labels_with_any_characters_work(page: Page, site: Site, watch: Watch) -> None:
    label = "Rides & drivers </script><b>é\u2028"
    site.offered = [("dispatch", "/dispatch.yaml"), (label, "/lamps.yaml")]
    page.goto(site.page)
    page.get_by_role("combobox", name="Document").select_option(index=1)
    expect(page.locator("#introduction")).to_contain_text("City Lamps")
    page.reload()
    expect(page.locator("#introduction")).to_contain_text("City Lamps")


def test_one_document_needs_no_switcher(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("chatter"))
    expect(page.locator("#introduction")).to_contain_text("Chatter")
    expect(page.get_by_role("combobox", name="Document")).to_have_count(0)
