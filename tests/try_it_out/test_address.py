"""Where a connection goes: to a server of the document or another, and with which subprotocol."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import Watch
from tests.try_it_out.conftest import connect, frames, opened, saved
from tests.try_it_out.liar import Liar, document
from tests.viewer.site import Site


def guest(page: Page, site: Site, liar: Liar, *, subprotocol: str = "") -> Locator:
    """The settings of a connection to the liar, whose document may name a subprotocol."""
    described = document(liar.address)
    if subprotocol:
        headers = {"type": "object", "properties": {"Sec-WebSocket-Protocol": {"const": subprotocol}}}
        described["channels"]["wishes"]["bindings"]["ws"]["headers"] = headers
    page.goto(site.offer(wishes=described))
    connection = opened(page).name_last("Guest")
    connection.get_by_label("room (path)").fill("1")
    return connection


def another(connection: Locator, address: str) -> None:
    connection.get_by_label("Server", exact=True).select_option("Another…")
    connection.get_by_label("Address", exact=True).fill(address)


def test_the_subprotocol_of_the_document_is_offered(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    connection = guest(page, site, liar, subprotocol="wishes.v1")
    expect(connection.get_by_label("Subprotocol")).to_have_value("wishes.v1")
    connect(connection)
    expect(frames(connection, "subprotocol wishes.v1")).to_be_visible()


def test_one_of_several_subprotocols_is_chosen_by_the_server(page: Page, site: Site, liar: Liar, watch: Watch) -> None:
    connection = guest(page, site, liar)
    connection.get_by_label("Subprotocol").fill("wishes.v1, wishes.v2")
    connect(connection)
    expect(frames(connection, "subprotocol wishes.v2")).to_be_visible()


def test_a_server_that_speaks_none_of_the_subprotocols_is_explained(page: Page, site: Site, liar: Liar) -> None:
    connection = guest(page, site, liar)
    connection.get_by_label("Subprotocol").fill("other")
    connection.get_by_role("button", name="Connect", exact=True).click()
    status = connection.get_by_role("status").first
    expect(status).to_contain_text("or it speaks none of these subprotocols: other")


def test_a_subprotocol_that_is_none_is_refused_with_the_reason(page: Page, site: Site, liar: Liar) -> None:
    connection = guest(page, site, liar)
    connection.get_by_label("Subprotocol").fill("two words")
    connection.get_by_role("button", name="Connect", exact=True).click()
    expect(connection.get_by_role("status").first).to_contain_text("the browser refused:")
    assert liar.asked == []


def test_another_server_is_connected_to_at_the_address_of_the_channel(
    page: Page, site: Site, liar: Liar, watch: Watch
) -> None:
    connection = guest(page, site, liar)
    another(connection, f"ws://{liar.address}/base?token=t0k&x=1")
    connect(connection)
    assert liar.asked == ["/base/rooms/1?token=t0k&x=1"]
    assert liar.origins == [site.origin]
    expect(frames(connection, f"Connected to ws://{liar.address}/base/rooms/1?token=•••&x=1")).to_be_visible()
    assert "t0k" not in saved(connection)
    assert "t0k" not in page.url


def test_another_server_that_the_policy_forbids_is_explained(page: Page, site: Site, liar: Liar) -> None:
    connection = guest(page, site, liar)
    another(connection, "ws://127.0.0.1:9")
    connection.get_by_role("button", name="Connect", exact=True).click()
    status = connection.get_by_role("status").first
    expect(status).to_contain_text("the page's Content-Security-Policy forbids it: add the server to connect-src")
    connection.get_by_role("button", name="Settings").click()
    another(connection, f"ws://{liar.address}")  # which it allows
    connect(connection)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "This is not an address"),
        ("nonsense", "This is not an address"),
        ("https://example.com", "must begin with ws:// or wss://"),
        ("ws://me:secret@example.com", "must not contain a user or a password"),
    ],
)
def test_what_is_no_address_of_a_server_is_said(
    page: Page, site: Site, liar: Liar, watch: Watch, address: str, reason: str
) -> None:
    connection = guest(page, site, liar)
    another(connection, address)
    connection.get_by_role("button", name="Connect", exact=True).click()
    expect(connection.get_by_role("status").first).to_contain_text(reason)
