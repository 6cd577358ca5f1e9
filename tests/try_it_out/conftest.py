"""What the try-it-out's tests share: a browser, a site with the page, a server that lies, and the page's dock."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import Watch, running_browser
from tests.demo.conftest import demo  # noqa: F401 - a fixture
from tests.try_it_out.liar import Liar, document, running_liar
from tests.viewer.site import Site, running_site

AXE = Path(__file__).parents[2] / "viewer" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        site.try_it_out = "closed"
        yield site


@pytest.fixture
def liar(site: Site) -> Iterator[Liar]:
    with running_liar() as liar:
        site.policy = f"default-src 'self'; connect-src 'self' ws://{liar.address}"
        yield liar


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    yield context.new_page()
    context.close()


@pytest.fixture
def watch(page: Page, site: Site) -> Iterator[Watch]:
    """Fails a test whose page logged an error, threw, asked another host, or opened something."""
    watch = Watch(page)
    yield watch
    assert watch.errors == []
    assert watch.requests_off(site.origin) == []
    assert watch.dialogs == []
    assert watch.popups == []


def shot(page: Page, name: str) -> None:
    """A screenshot for people to look at, where `CHANSPEC_SHOTS` names a folder for it."""
    if folder := os.environ.get("CHANSPEC_SHOTS"):
        page.screenshot(path=f"{folder}/try-{name}.png")


@dataclass
class Dock:
    """The opened try-it-out of a page."""

    page: Page

    @property
    def root(self) -> Locator:
        return self.page.get_by_role("region", name="Try it out", exact=True)

    def connection(self, name: str) -> Locator:
        return self.root.get_by_role("region", name=name, exact=True)

    def name_last(self, name: str) -> Locator:
        self.root.get_by_label("Name of this connection").last.fill(name)
        return self.connection(name)

    def add(self, name: str) -> Locator:
        names = self.root.get_by_label("Name of this connection")
        count = names.count()
        self.root.get_by_role("button", name="+ Connection").click()
        expect(names).to_have_count(count + 1)
        return self.name_last(name)


def opened(page: Page) -> Dock:
    """The dock, opened by the page's own button."""
    page.get_by_role("banner").get_by_role("button", name="Try it out").click()
    dock = Dock(page)
    expect(dock.root).to_be_visible()
    return dock


def connect(connection: Locator) -> None:
    connection.get_by_role("button", name="Connect", exact=True).click()
    expect(connection.get_by_role("status").first).to_have_text("connected")


def panel_of(page: Page, operation: str) -> Locator:
    """The composer at an operation, opened."""
    place = page.locator(f"[id='{operation}']")
    place.get_by_role("button", name="Try it out").click()
    panel = place.get_by_role("region")
    expect(panel).to_be_visible()
    return panel


def obstacles(page: Page) -> list[str]:
    """What axe finds in the way of people with disabilities, of any gravity."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{each['impact']} {each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]


def saved(connection: Locator) -> str:
    """The downloaded log."""
    with connection.page.expect_download() as download:
        connection.get_by_role("button", name="Download").click()
    return Path(download.value.path()).read_text()


def flagged(connection: Locator, *mistakes: str) -> None:
    """The connection's only wrong message is marked and counted, and says what is wrong with it."""
    expect(frames(connection, "mismatch")).to_have_count(1)
    expect(connection.get_by_role("button", name="1 wrong")).to_be_visible()
    frames(connection, "mismatch").click()
    detail = connection.get_by_role("region", name="Frame")
    expect(detail).to_contain_text("not as documented")
    for mistake in mistakes:
        expect(detail).to_contain_text(mistake)


def frames(connection: Locator, text: str) -> Locator:
    """Lines of a connection's log with a text; never the choices of its filter."""
    return connection.get_by_role("listbox").get_by_role("option").filter(has_text=text)


@dataclass
class Talk:
    """A page connected to the liar."""

    dock: Dock
    connection: Locator
    liar: Liar

    def send(self, wish: dict[str, Any]) -> None:
        panel = self.dock.page.get_by_role("region", name="Try out wish")
        write(panel, json.dumps({"action": "wish", **wish}))
        panel.get_by_role("button", name="Send").click()


def write(panel: Locator, text: str) -> None:
    """Replace what the JSON editor holds."""
    editor = panel.get_by_role("textbox", name="as JSON")
    editor.click()
    editor.press("ControlOrMeta+a")
    editor.page.keyboard.insert_text(text)


@pytest.fixture
def talk(page: Page, site: Site, liar: Liar, watch: Watch) -> Talk:
    page.goto(site.offer(wishes=document(liar.address)))
    dock = opened(page)
    connection = dock.name_last("Guest")
    connection.get_by_label("room (path)").fill("1")
    connect(connection)
    page.locator("#operation-reply-wish").get_by_role("button", name="Try it out").click()
    return Talk(dock, connection, liar)
