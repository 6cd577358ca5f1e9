"""A browser for tests: Debian's Chromium, driven by Playwright. It holds no test and downloads nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.programs import CHROMIUM, PAGE

# Headless, without a sandbox (containers have no user namespaces), and silent towards the network.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# How long a page may take until it shows what is expected: a bound for busy machines, never a measurement.
PATIENCE_MS = 60_000

_notices = itertools.count(1)
_NOTICE = """
([selector, text, mark]) => new MutationObserver((_, observer) => {
  if (![...document.querySelectorAll(selector)].some(element => element.textContent.includes(text))) return
  document.documentElement.setAttribute(mark, "")
  observer.disconnect()
}).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true })
"""


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A browser for the tests of one folder: `with running_browser() as browser: yield browser`."""
    path = CHROMIUM.needed()
    PAGE.needed()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS), timeout=PATIENCE_MS)
        make = browser.new_context

        def new_context(**options: Any) -> BrowserContext:
            context = make(**options)
            context.set_default_timeout(PATIENCE_MS)
            return context

        browser.new_context = new_context  # type: ignore[method-assign]
        try:
            yield browser
        finally:
            browser.close()


def notice(page: Page, selector: str, text: str = "") -> Locator:
    """What is there as soon as an element with a text was, from now on: one that stays for seconds only may be gone
    when a busy machine looks for it."""
    mark = f"data-noticed-{next(_notices)}"
    page.evaluate(_NOTICE, [selector, text, mark])
    return page.locator(f"html[{mark}]")


class Watch:
    """What a page did that a reader would not see: console errors, exceptions, requests, dialogs, new windows."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.dialogs: list[str] = []
        self.popups: list[str] = []
        page.on("console", lambda message: self._console(message.type, message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("popup", lambda popup: self.popups.append(popup.url))

    def _console(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.errors.append(text)

    def requests_off(self, origin: str) -> list[str]:
        """The requests that left the origin."""
        inside = (f"{origin}/", "data:", "blob:", "about:")
        return [url for url in self.requests if not url.startswith(inside)]
