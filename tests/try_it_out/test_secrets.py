"""Tokens: sent to the server, and kept out of everything else."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser import Watch
from tests.try_it_out.conftest import connect, frames, opened, panel_of, saved, write
from tests.try_it_out.liar import Liar, document
from tests.viewer.site import Site

TOKEN = "s3cret.token/with+signs=="


def guest(page: Page, site: Site, liar: Liar) -> Locator:
    page.goto(site.offer(wishes=document(liar.address)))
    connection = opened(page).name_last("Guest")
    connection.get_by_label("room (path)").fill("1")
    return connection


def apply(connection: Locator, label: str, token: str) -> None:
    field = connection.get_by_label(label)
    field.fill(token)
    field.press("Enter")


def stored(page: Page) -> str:
    text: str = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    return text


def test_a_token_reaches_the_server_and_nothing_else(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    connection = guest(page, site, liar)
    apply(connection, "Query token: token", TOKEN)
    connect(connection)
    assert liar.asked == ["/rooms/1?token=s3cret.token%2Fwith%2Bsigns%3D%3D"]
    place = page.locator("#operation-reply-wish")
    place.get_by_role("button", name="Try it out").click()
    panel = place.get_by_role("region")
    write(panel, '{"action": "wish", "echo_token": true}')
    panel.get_by_role("button", name="Send").click()
    expect(frames(connection, "your token is •••")).to_be_visible()
    with page.expect_download() as download:
        connection.get_by_role("button", name="Download").click()
    panel.get_by_role("button", name="Code").click()
    expect(panel.locator("pre")).to_contain_text("encodeURIComponent(token)")
    for text in (Path(download.value.path()).read_text(), page.content(), page.url, stored(page)):
        assert "s3cret" not in text


def test_a_token_can_be_cleared(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    connection = guest(page, site, liar)
    apply(connection, "Query token: token", TOKEN)
    connection.get_by_role("button", name="Clear").first.click()
    connect(connection)
    assert liar.asked == ["/rooms/1"]


def test_a_token_is_remembered_only_where_that_was_asked_for(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    connection = guest(page, site, liar)
    apply(connection, "Query token: token", TOKEN)
    connection.get_by_label("Remember until").check()
    assert "s3cret" in stored(page)
    page.reload()
    connection = opened(page).connection("Guest")
    connection.get_by_label("room (path)").fill("1")
    connect(connection)
    assert "token=s3cret" in liar.asked[-1]
    connection.get_by_role("button", name="Settings").click()
    connection.get_by_label("Remember until").uncheck()
    assert "s3cret" not in stored(page)


def test_a_cookie_token_lasts_for_the_handshake(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    connection = guest(page, site, liar)
    connection.get_by_text("Send a token in this cookie").click()
    apply(connection, "Cookie token: session", "c00kie-token")
    connect(connection)
    assert liar.cookies == ["session=c00kie-token"]
    assert page.evaluate("document.cookie") == ""


def test_a_cookie_that_the_page_can_see_is_said_to_be_there(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    page.context.add_cookies([{"name": "session", "value": "x", "url": site.origin}])
    connection = guest(page, site, liar)
    expect(connection).to_contain_text("this browser has one for this site")


def test_a_security_scheme_can_name_the_first_message(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    described = document(liar.address)
    described["components"]["securitySchemes"] = {"first": {"type": "userPassword", "x-first-message": "wish"}}
    described["servers"]["here"]["security"] = [{"$ref": "#/components/securitySchemes/first"}]
    page.goto(site.offer(wishes=described))
    connection = opened(page).name_last("Guest")
    expect(connection.get_by_label("First message: wish")).to_be_visible()
    expect(connection.get_by_label("First message: authenticate")).to_have_count(0)
    expect(connection.get_by_role("group", name="Authentication")).not_to_contain_text("has no way")


def test_short_credentials_are_hidden_too_and_nothing_else_is(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    connection = guest(page, site, liar)
    apply(connection, "Query token: token", "Ada")
    connect(connection)
    panel = panel_of(page, "operation-reply-wish")
    write(panel, '{"action": "wish", "echo_token": true, "say": ["Ada, Adamant, Canada"], "reason": "Emeka"}')
    panel.get_by_role("button", name="Code").click()
    expect(panel.locator("pre")).to_contain_text("•••, Adamant, Canada")
    expect(panel.locator("pre")).to_contain_text("Emeka")
    panel.get_by_role("button", name="Send").click()
    expect(frames(connection, "your token is •••")).to_be_visible()
    log = saved(connection)
    assert "•••, Adamant, Canada" in log
    assert "Emeka" in log
    assert re.search(r"\bAda\b", log) is None
    assert re.search(r"\bAda\b", connection.inner_text()) is None


def test_what_was_kept_before_a_credential_was_entered_is_hidden_after(
    page: Page, site: Site, liar: Liar, watch: Watch
) -> None:
    connection = guest(page, site, liar)
    connect(connection)
    panel = panel_of(page, "operation-reply-wish")
    write(panel, f'{{"action": "wish", "say": ["{TOKEN}"]}}')
    panel.get_by_role("button", name="Send").click()
    expect(frames(connection, "s3cret").last).to_be_visible()
    connection.get_by_role("button", name="Settings").click()
    apply(connection, "Query token: token", TOKEN)
    connection.get_by_role("button", name="Settings").click()
    expect(frames(connection, "•••").last).to_be_visible()
    assert "s3cret" not in connection.inner_text()
    assert "s3cret" not in saved(connection)


def test_a_first_message_authenticates_and_is_not_shown(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    connection = guest(page, site, liar)
    connection.get_by_label("First message: authenticate").fill('{"action": "authenticate", "secret": "s3cret-word"}')
    connection.get_by_role("button", name="Apply").last.click()
    connect(connection)
    expect(frames(connection, "authenticate")).to_contain_text('"secret":"•••"')
    liar.wait_for(1)
    assert liar.heard == ['{"action":"authenticate","secret":"s3cret-word"}']
    assert "s3cret" not in page.content()
