"""The example in a browser: two people play the story on the start page, and the docs show the demo's operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Watch, running_browser
from tests.demo.conftest import Demo

LogIn = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def log_in(browser: Browser, demo: Demo) -> Iterator[LogIn]:
    """A page of a user's own, on the connected start page; it must log nothing and stay on its origin."""
    opened: list[tuple[Page, Watch]] = []

    def open_page(username: str, *, width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 844})
        page = context.new_page()
        opened.append((page, Watch(page)))
        page.goto(f"{demo.url}/login/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill("dispatch-demo")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("status")).to_have_text("connected")
        return page

    yield open_page
    for page, watch in opened:
        page.context.close()
        assert watch.errors == []
        assert watch.requests_off(demo.url) == []


def test_a_rider_and_a_driver_agree_on_the_start_page(log_in: LogIn) -> None:
    rider, driver = log_in("rider"), log_in("driver", width=390)
    assert driver.evaluate("() => document.documentElement.scrollWidth") <= 390

    rider.get_by_label("From").fill("<b>5 Broad St</b>")
    rider.get_by_role("button", name="Request a ride").click()
    expect(rider.get_by_text("Waiting for offers")).to_be_visible()
    expect(driver.get_by_role("listitem").get_by_text("<b>5 Broad St</b>")).to_be_visible()  # as text, not as markup

    driver.get_by_role("button", name="Offer: 4 minutes").click()
    expect(rider.get_by_text("Emeka can be there in 4 minutes")).to_be_visible()
    rider.get_by_role("button", name="Accept").click()
    expect(rider.get_by_text("Emeka comes in 4 minutes")).to_be_visible()
    expect(driver.get_by_text("Yours: be there in 4 minutes")).to_be_visible()

    rider.get_by_role("button", name="Cancel").click()
    expect(rider.get_by_text("Cancelled.")).to_be_visible()
    expect(driver.get_by_text("Cancelled.")).to_be_visible()


def test_a_mistake_is_shown_to_who_made_it(log_in: LogIn) -> None:
    rider = log_in("rider")
    rider.get_by_label("Fare").fill("a lot")
    rider.get_by_role("button", name="Request a ride").click()
    expect(rider.get_by_text("fare:")).to_be_visible()


def test_the_docs_show_the_operations_of_both_consumers(log_in: LogIn, demo: Demo) -> None:
    page = log_in("rider")
    page.goto(f"{demo.url}/ws-docs/")
    contents = page.get_by_role("navigation", name="Contents")
    for operation in ("request_ride", "accept_offer", "ride_offer", "mark_read", "notification_created"):
        expect(contents.get_by_text(operation)).to_be_visible()
    expect(contents.get_by_text("demo_drift")).to_have_count(0)  # only where it was asked for
