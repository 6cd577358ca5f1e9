"""When the try-it-out is in the page, what it weighs, and that it fits every window and everybody."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from chanspec.viewer import asset, body
from tests.browser import Watch
from tests.try_it_out.conftest import Talk, connect, frames, obstacles, opened
from tests.try_it_out.liar import Liar, document
from tests.viewer.site import Answer, Site
from tests.viewer.test_hostile import ATTACKS, attacked


def weight(*names: str) -> int:
    return sum(len(gzip.compress(asset(name).content, 9)) for name in names)


def test_the_docs_and_the_whole_stay_within_their_sizes() -> None:
    docs, whole = weight("docs.js", "docs.css"), weight("docs.js", "docs.css", "try.js", "try.css")
    print(f"docs {docs / 1000:.1f} kB, with the try-it-out {whole / 1000:.1f} kB, gzipped")
    assert docs <= 180_000
    assert whole <= 420_000


def test_disabled_it_leaves_nothing_in_the_page(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    site.try_it_out = "off"
    page.goto(site.offer(wishes=document(liar.address)))
    expect(page.locator("#operations")).to_be_attached()
    assert "try.js" not in page.content()
    expect(page.get_by_role("button", name="Try it out")).to_have_count(0)
    assert [url for url in watch.requests if "try." in url] == []


def test_it_is_fetched_when_it_is_first_opened(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    page.goto(site.offer(wishes=document(liar.address)))
    expect(page.locator("#operations")).to_be_attached()
    assert [url for url in watch.requests if "try." in url] == []
    opened(page)
    assert len([url for url in watch.requests if "try." in url]) == 2


def test_it_starts_open_where_that_is_asked_for(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    site.try_it_out = "open"
    page.goto(site.offer(wishes=document(liar.address)))
    expect(page.get_by_role("region", name="Try it out", exact=True)).to_be_visible()


def test_any_other_choice_is_refused() -> None:
    with pytest.raises(ValueError, match="'off', 'closed' or 'open'"):
        body("T", [("a", "/a")], lambda name: name, try_it_out="yes")  # type: ignore[arg-type]


def test_a_module_that_cannot_be_loaded_is_said(page: Page, site: Site, liar: Liar) -> None:
    site.unreachable.add("/static/try.js")
    page.goto(site.offer(wishes=document(liar.address)))
    page.get_by_role("banner").get_by_role("button", name="Try it out").click()
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")
    site.unreachable.clear()
    opened(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(talk: Talk, scheme: Any) -> None:
    page = talk.dock.page
    page.emulate_media(color_scheme=scheme)
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    talk.send({"burst": 3, "say": [{"type": "lie"}]})
    expect(frames(talk.connection, "lie")).to_have_count(2)  # what was sent has it too
    frames(talk.connection, "lie").last.click()
    talk.dock.add("Second")
    talk.dock.root.get_by_role("button", name="Compose").click()
    expect(talk.dock.root.get_by_role("region", name="Compose a message")).to_be_visible()
    assert obstacles(page) == []


# A pane of the dock that scrolls by itself may hold what is wider than it shows; the page may not.
@pytest.mark.parametrize(("width", "height"), [(360, 640), (390, 844), (768, 1024), (1440, 900), (3840, 2160)])
def test_it_fits_every_window(browser: Browser, site: Site, liar: Liar, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(site.offer(wishes=document(liar.address)))
    dock = opened(page)
    guest = dock.name_last("Guest")
    guest.get_by_label("room (path)").fill("1")
    connect(guest)
    place = page.locator("#operation-reply-wish")
    place.get_by_role("button", name="Try it out").click()
    place.get_by_role("button", name="Add place").click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    dock.root.get_by_role("button", name="Compose").click()
    expect(dock.root.get_by_role("region", name="Compose a message")).to_be_visible()
    wide = page.evaluate(
        """() => [...document.querySelectorAll('.try *')]
          .filter(e => e.checkVisibility() && !e.closest('.try-tabs, .try-rows, .hidden-words, .cm-announced'))
          .filter(e => e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert wide == []
    context.close()


@pytest.mark.parametrize("attack", [ATTACKS[0], ATTACKS[1], ATTACKS[3], ATTACKS[8], ATTACKS[10]])
def test_a_hostile_document_and_server_run_nothing(
    page: Page, site: Site, liar: Liar, watch: Watch, attack: str
) -> None:
    # No policy: what keeps the reader safe here is the page alone.
    site.policy = "default-src * 'unsafe-inline' 'unsafe-eval' data: blob:"
    site.documents["/docs/x"] = Answer(b"not an image", "image/png")
    hostile = attacked(document(liar.address), attack)
    hostile["servers"]["here"] = document(liar.address)["servers"]["here"]
    hostile["channels"]["wishes"]["address"] = "/rooms/{room}"
    hostile["components"]["securitySchemes"] = document(liar.address)["components"]["securitySchemes"]
    liar.greeting = [attack, f'{{"type": {json.dumps(attack)}}}', attack.encode()]
    page.goto(site.offer(hostile=hostile))
    guest = opened(page).name_last(attack[:40])
    guest = page.get_by_role("region", name="Try it out", exact=True).locator(".try-connection")
    guest.get_by_label("room (path)").fill("1")
    connect(guest)
    rows = guest.get_by_role("listbox").get_by_role("option")
    expect(rows).to_have_count(4)
    for index in range(1, 4):
        rows.nth(index).click()
    place = page.locator("#operation-reply-wish")
    place.get_by_role("button", name="Try it out").click()
    place.get_by_role("button", name="Add place").click()
    place.get_by_role("button", name="Code").click()
    page.evaluate(
        """() => { for (const e of document.querySelectorAll('.try *'))
          for (const kind of ['mouseover', 'toggle', 'error', 'load']) e.dispatchEvent(new Event(kind)) }"""
    )
    assert page.evaluate("window.hacked") is None
    expect(page.locator(".try :is(script, iframe, object, embed, form, img, a, style)")).to_have_count(0)


def test_a_search_finds_operations_messages_and_schemas(page: Page, site: Site, watch: Watch) -> None:
    page.goto(site.offer_files("dispatch"))
    contents = page.get_by_role("navigation", name="Contents")
    contents.get_by_role("searchbox").fill("nothing like it")
    expect(contents.get_by_role("listitem")).to_have_count(0)
    contents.get_by_role("searchbox").fill("person")
    expect(contents.get_by_role("listitem")).to_have_text(["Person"])
    contents.get_by_role("searchbox").fill("accept offer")
    expect(contents.get_by_role("listitem")).to_have_text(["accept_offer", "AcceptOffer"])
    contents.get_by_role("searchbox").press("Enter")
    expect(page).to_have_url(f"{site.page}#operation-receive-accept_offer")
    expect(page.locator("#operation-receive-accept_offer")).to_be_in_viewport()
