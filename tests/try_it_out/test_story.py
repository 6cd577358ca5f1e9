"""The whole story in the docs of the running example: a rider and a driver, from signing in to the saved log.

The example runs with `DEMO_DRIFT=1`, so that one of its messages can be wrong.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Watch
from tests.demo.conftest import Demo
from tests.try_it_out.conftest import connect, flagged, frames, obstacles, opened, panel_of, saved, shot

pytestmark = pytest.mark.parametrize("demo", [{"DEMO_DRIFT": "1"}], indirect=True, ids=["drift"])


@pytest.fixture(params=["light", "dark"])
def page(browser: Browser, request: pytest.FixtureRequest, demo: Demo) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=request.param)
    page = context.new_page()
    watch = Watch(page)
    yield page
    context.close()
    assert watch.errors == []
    assert watch.requests_off(demo.url) == []


def sign_in(page: Page, demo: Demo, username: str) -> None:
    page.goto(f"{demo.url}/login/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill("dispatch-demo")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("status")).to_have_text("connected")


def test_a_rider_and_a_driver_meet_in_the_docs(page: Page, demo: Demo, request: pytest.FixtureRequest) -> None:
    scheme = request.node.callspec.params["page"]
    token = demo.token_of("driver")
    sign_in(page, demo, "rider")
    page.goto(f"{demo.url}/ws-docs/?document=Dispatch+%2Fws%2Fdispatch%2F")
    dock = opened(page)
    rider = dock.name_last("Rider")
    expect(rider).to_contain_text("Pages cannot see HttpOnly cookies")
    shot(page, f"1-sign-in-{scheme}")
    connect(rider)  # by the session's cookie

    driver = dock.add("Driver")
    driver.get_by_label("Query token: token").fill(token)
    driver.get_by_role("button", name="Apply").click()
    expect(driver).to_contain_text("Applied")
    shot(page, f"2-token-{scheme}")
    connect(driver)
    expect(driver).to_contain_text("/ws/dispatch/?token=•••")

    request_ride = panel_of(page, "operation-reply-request_ride")
    request_ride.get_by_label("pickup_address").fill("5 Broad St, Lagos")
    request_ride.get_by_label("note").fill("Two suitcases.")
    expect(request_ride.get_by_role("textbox", name="as JSON")).to_contain_text('"note": "Two suitcases."')
    request_ride.get_by_label("Send as").select_option(label="Rider (connected)")
    request_ride.get_by_role("button", name="Send").scroll_into_view_if_needed()
    shot(page, f"3-form-{scheme}")
    request_ride.get_by_role("button", name="Send").click()
    expect(frames(rider, "ride.requested")).to_contain_text("ms")  # the answer knows its action
    expect(frames(driver, "ride.available").last).to_contain_text("5 Broad St, Lagos")
    shot(page, f"4-requested-{scheme}")

    offer = panel_of(page, "operation-reply-offer_ride")
    offer.get_by_role("button", name="Use received ride_id").click()
    offer.get_by_label("eta_minutes").fill("4")
    offer.get_by_label("Send as").select_option(label="Driver (connected)")
    offer.get_by_role("button", name="Send").click()
    expect(frames(rider, "ride.offer")).to_contain_text("Emeka")
    frames(rider, "ride.offer").click()
    expect(rider.get_by_role("region", name="Frame")).to_contain_text("as documented")
    shot(page, f"5-offer-{scheme}")

    accept = panel_of(page, "operation-receive-accept_offer")
    for name in ("ride_id", "driver_id"):
        accept.get_by_role("button", name=f"Use received {name}").click()
    accept.get_by_label("Send as").select_option(label="Rider (connected)")
    accept.get_by_role("button", name="Send").click()
    expect(frames(rider, "ride.accepted")).to_be_visible()
    expect(frames(driver, "ride.accepted")).to_be_visible()
    shot(page, f"6-accepted-{scheme}")
    accept.get_by_role("button", name="Code").click()
    accept.get_by_role("button", name="Python").click()
    expect(accept.locator("pre")).to_contain_text('os.environ["COOKIE"]')
    compile(accept.locator("pre").inner_text(), "snippet", "exec")
    accept.get_by_role("button", name="websocat").scroll_into_view_if_needed()
    shot(page, f"7-code-{scheme}")
    accept.get_by_role("button", name="websocat").click()
    subprocess.run(["bash", "-n", "-c", accept.locator("pre").inner_text()], check=True)

    drift = panel_of(page, "operation-receive-demo_drift")
    drift.get_by_label("Send as").select_option(label="Rider (connected)")
    drift.get_by_role("button", name="Send").click()
    flagged(rider, "/eta_minutes is a string, not an integer", "The frame lacks “driver_name”")
    expect(driver.get_by_role("button", name="0 wrong")).to_be_visible()
    shot(page, f"8-wrong-{scheme}")
    assert obstacles(page) == []

    for connection, wrong in ((rider, ["ride.offer"]), (driver, [])):
        assert token not in connection.inner_text()
        log = saved(connection)
        lines = [json.loads(line) for line in log.splitlines()]
        assert token not in log
        assert {line["direction"] for line in lines} == {"note", "sent", "received"}
        assert "ride.accepted" in [line.get("message") for line in lines]
        received = [line for line in lines if line["direction"] == "received"]
        assert [line["message"] for line in received if line["check"] != "right"] == wrong
        assert [mistake["path"] for line in received for mistake in line.get("mistakes", [])] == ["", "/eta_minutes"][
            : 2 * len(wrong)
        ]
    assert token not in page.url
    assert page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])").find(token) == -1


def test_a_stranger_is_told_in_words(browser: Browser, demo: Demo) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{demo.url}/ws-docs/")
    dock = opened(page)
    stranger = dock.name_last("Stranger")
    stranger.get_by_role("button", name="Connect", exact=True).click()
    expect(stranger.get_by_role("status").first).to_contain_text("authentication refused (4401)")
    context.close()
