"""What the page's tests share: a browser, a site, and a page under watch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import Watch, running_browser
from tests.viewer.site import Site, running_site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        yield site


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
