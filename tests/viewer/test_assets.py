"""Where the page's files come from when it is not certain that the first place serves them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from chanspec.viewer import asset
from tests.viewer.site import Answer, Site


@pytest.mark.parametrize("is_served", [True, False], ids=["served", "not served"])
def test_files_that_the_first_place_lacks_come_from_the_spare_one(page: Page, site: Site, is_served: bool) -> None:
    site.spare, site.first = True, "/collected/"
    address = site.offer_files("dispatch")
    if is_served:
        for name in ("docs.js", "docs.css", "icon.svg"):
            site.documents[f"/collected/{name}"] = Answer(asset(name).content, asset(name).content_type)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    expect(page.locator("main").get_by_text("Client sends").first).to_be_visible()
    expect(page.locator("body")).to_have_css("font-family", re.compile("sans-serif"))  # it has its style
    assert any("/static/docs.js" in url for url in asked) is not is_served


def test_a_page_whose_files_are_nowhere_is_not_blank(page: Page, site: Site) -> None:
    site.first = "/nowhere/"
    page.goto(site.offer_files("dispatch"))
    expect(page.get_by_text("could not be loaded")).to_be_visible()
