"""A browser for tests: Debian's Chromium, driven by Playwright. It holds no test and downloads nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

INSTALL = "the browser tests need Chromium: `apt-get install chromium`"

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
PATIENCE_MS = 30_000


def chromium_path() -> str:
    """Where Chromium is. Without it the test is skipped, or, where `CI` is `true`, fails."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(INSTALL)
        pytest.skip(INSTALL)
    return path


@contextmanager
def running_browser() -> Iterator[Browser]:
    """A browser for the tests of one folder: `with running_browser() as browser: yield browser`."""
    path = chromium_path()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


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
