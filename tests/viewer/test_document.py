"""What the page shows of a document, in a real browser under a strict policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Watch
from tests.viewer.site import EXPAND_ALL, Site


def test_a_document_is_shown_with_its_operations(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("dispatch"))
    expect(page.locator("#introduction")).to_contain_text("Dispatch API")
    request = page.locator("#operation-reply-request_ride")
    expect(request).to_contain_text("Client sends")
    expect(request).to_contain_text("/ws/dispatch/{city}/")
    expect(request).to_contain_text("Request a ride")
    expect(page.locator("#operation-send-ride_offered")).to_contain_text("Server sends")
    expect(page).to_have_title("Dispatch API · Example docs")


def test_a_payload_shows_its_fields_constants_and_choices_at_once(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("dispatch"))
    request = page.locator("#operation-reply-request_ride")
    expect(request.get_by_text('string = "request_ride"').first).to_be_visible()
    expect(request.get_by_text('string: "cash" | "card" | "account"').first).to_be_visible()
    expect(request.get_by_text("#1 Example - Cash payment")).to_be_visible()


@pytest.mark.parametrize(
    ("anchor", "name"),
    [
        ("operation-reply-request_ride", "request_ride"),
        ("message-RideRequested", "RideRequested"),
        ("schema-Person", "Person"),
    ],
)
def test_operations_messages_and_schemas_have_a_link_to_copy(
    page: Page, site: Site, watch: Watch, anchor: str, name: str
) -> None:
    page.goto(f"{site.offer_files('chatter', 'dispatch')}?document=dispatch")
    part = page.locator(f"#{anchor}")
    mark = part.get_by_role("link", name=f"Link to {name}", exact=True)
    address = mark.evaluate("link => link.href")
    assert address == f"{site.page}?document=dispatch#{anchor}"
    expect(mark).to_have_css("opacity", "0")
    mark.focus()  # as Tab does, wherever it stands
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(mark).to_be_focused()
    expect(mark).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(page).to_have_url(address)
    page.goto("about:blank")
    page.goto(address)
    expect(part).to_be_in_viewport()
    part.hover()
    expect(mark).to_have_css("opacity", "1")


def test_servers_are_named_only_where_a_channel_is_not_on_all_of_them(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("dispatch"))
    expect(page.locator("#operation-reply-request_ride")).to_be_visible()
    expect(page.get_by_text("Available only on servers")).to_have_count(0)
    page.goto(site.offer_files("chatter"))
    expect(page.locator("#operation-send-say").get_by_text("Available only on servers")).to_be_visible()


def test_a_reply_names_the_messages_that_answer(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("dispatch"))
    request = page.locator("#operation-reply-request_ride")
    expect(request.get_by_text("Expected Reply Messages")).to_be_visible()
    expect(request.get_by_text("Ride requested")).to_be_visible()


def test_the_type_of_a_path_parameter_is_shown(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("lamps"))
    expect(page.locator("#operation-send-turnOn")).to_contain_text("lampIdinteger")


def test_a_deprecated_operation_says_so(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("dispatch"))
    expect(page.locator("#operation-receive-cancel_ride .deprecated")).to_have_text("Deprecated")
    expect(page.locator("#operation-receive-accept_offer .deprecated")).to_have_count(0)


def test_a_schema_that_contains_itself_opens_level_by_level(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("dispatch"))
    person = page.locator("#schema-Person")
    person.get_by_role("button", name="Person").first.click()
    expect(person.get_by_text("referred_by")).to_be_visible()
    expect(person).to_contain_text("contains itself")


def test_traits_reach_messages_and_operations(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("lamps"))
    turn = page.locator("#operation-send-turnOn")
    expect(turn).to_contain_text("kafka")
    turn.get_by_role("button", name="Headers").first.click()
    expect(turn.get_by_text("app-header").first).to_be_visible()
    expect(turn.get_by_text("trace-id").first).to_be_visible()
    # The message's own summary wins over the trait's.
    measurement = page.locator("#operation-receive-receiveMeasurement")
    expect(measurement).to_contain_text("Inform about the light of a lamp")


def test_a_schema_of_another_kind_is_shown_as_its_text(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("lamps"))
    expect(page.locator("#schema-legacy")).to_contain_text('"type": "record"')


def test_a_document_says_from_whose_side_it_is_written(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("chatter"))
    guide = page.get_by_role("complementary", name="How to read this document")
    expect(guide).to_contain_text("Written from a client's side")
    expect(page.locator("#operation-receive-listen")).to_contain_text("Server sends")
    expect(page.locator("#operation-send-say")).to_contain_text("Client sends")


def test_the_reader_decides_where_a_document_does_not_say(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("lamps"))
    turn = page.locator("#operation-send-turnOn")
    expect(turn).to_contain_text("Server sends")
    page.get_by_label("a client's").check()
    expect(turn).to_contain_text("Client sends")
    expect(page).to_have_url(f"{site.page}?perspective=client")
    page.reload()
    expect(turn).to_contain_text("Client sends")


def test_the_navigation_leads_to_every_part(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("dispatch"))
    navigation = page.get_by_role("navigation", name="Contents")
    expect(page.locator("#schemas")).to_be_attached()
    anchors: list[str] = navigation.get_by_role("link").evaluate_all(
        "links => links.map(link => decodeURIComponent(link.hash.slice(1)))"
    )
    missing = [a for a in anchors if page.evaluate("id => document.getElementById(id) === null", a)]
    assert len(anchors) > 15
    assert missing == []


def test_a_link_from_outside_to_an_operation_leads_there(page: Page, site: Site, watch: Watch) -> None:
    page.goto(f"{site.offer_files('dispatch')}#operation-send-ride_accepted")
    expect(page.locator("#operation-send-ride_accepted")).to_be_in_viewport()
    expect(page.locator("#introduction")).not_to_be_in_viewport()


CUT_OFF = """
() => [...document.querySelectorAll('main *')]
  .filter(element => element.checkVisibility() && !element.closest('pre, table, .hidden-words'))
  .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
  .map(element => `${element.tagName} ${element.className}`)
"""


@pytest.mark.parametrize("width", [360, 390, 768, 1440, 3840])
@pytest.mark.parametrize("name", ["dispatch", "lamps", "chatter"])
def test_nothing_is_wider_than_the_window(page: Page, site: Site, watch: Watch, width: int, name: str) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site.offer_files(name))
    expect(page.locator("#operations")).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    # The page may hide what is too wide; what scrolls by itself may be wider than it shows.
    assert page.evaluate(CUT_OFF) == []


def test_on_a_phone_the_contents_open_over_the_page(page: Page, site: Site, watch: Watch) -> None:
    page.set_viewport_size({"width": 360, "height": 780})
    page.goto(site.offer_files("dispatch"))
    menu = page.get_by_role("button", name="Contents", exact=True)
    navigation = page.get_by_role("navigation", name="Contents")
    expect(navigation).to_be_hidden()
    menu.click()
    expect(navigation).to_be_visible()
    page.keyboard.press("Escape")
    expect(navigation).to_be_hidden()
    expect(menu).to_be_focused()
    menu.click()
    navigation.get_by_role("link", name="ride_offered").click()
    expect(navigation).to_be_hidden()
    expect(page.locator("#operation-send-ride_offered")).to_be_in_viewport()


def test_colours_follow_the_system_until_the_reader_chooses(browser: Browser, site: Site) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(site.offer_files("chatter"))
    theme = page.locator("html")
    expect(theme).to_have_attribute("data-theme", "dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="light")
    expect(theme).to_have_attribute("data-theme", "light")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    page.get_by_role("button", name="Switch to dark colours").click()
    expect(theme).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(theme).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Switch to light colours").click()
    assert page.evaluate("localStorage.length") == 0
    context.close()


def test_the_page_works_where_storage_is_forbidden(page: Page, site: Site, watch: Watch) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError') } })"
    )
    page.goto(site.offer_files("chatter"))
    page.get_by_role("button", name="Switch to dark colours").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


CONTRAST = """
() => {
  const parse = colour => (colour.match(/[\\d.]+/g) ?? []).map(Number)
  const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b)
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor)
      if (colour.length === 3 || colour[3] === 1) return colour
    }
    return [255, 255, 255]
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  const poor = new Set()
  let seen = 0
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.matches('script, noscript'))
      continue
    seen += 1
    const style = getComputedStyle(element)
    const [front, back] = [light(parse(style.color)), light(behind(element))]
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05)
    if (ratio < 4.5) poor.add(`${ratio.toFixed(2)} ${walker.currentNode.data.trim().slice(0, 40)}`)
  }
  return { seen, poor: [...poor] }
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["dispatch", "lamps", "chatter"])
def test_every_text_is_readable(browser: Browser, site: Site, scheme: str, name: str) -> None:
    """WCAG 2.2, 1.4.3 (AA): text has a contrast of 4.5 to 1."""
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    page.goto(site.offer_files(name))
    expect(page.locator("#operations")).to_be_attached()
    page.evaluate(EXPAND_ALL)
    expect(page.get_by_text("Additional properties are allowed.").first).to_be_visible()
    result = page.evaluate(CONTRAST)
    assert result["seen"] > 50
    assert result["poor"] == []
    context.close()
