"""A document that cannot be shown: the page says what is wrong and where, and is never blank."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.viewer.site import Answer, Site

INFO = {"title": "T", "version": "1"}


def failure(page: Page) -> Locator:
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible()
    return alert


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param(Answer(b"", status=404), ["HTTP 404", "nothing at this address"], id="missing"),
        pytest.param(Answer(b"", status=500), ["HTTP 500", "log says why"], id="server error"),
        pytest.param(Answer(b"<html>Sign in</html>", "text/html"), ["a web page, not a document"], id="web page"),
        pytest.param("", ["The document is empty"], id="empty"),
        pytest.param(
            "asyncapi: 3.0.0\ninfo:\n  title: a: b\n",
            ["not valid YAML", "line 3, column", "title: a: b"],
            id="invalid YAML",
        ),
        pytest.param(
            Answer(b'{\n "asyncapi": ]}', "application/json"), ["not valid JSON", "line 2"], id="invalid JSON"
        ),
        pytest.param("just: data\n", ["not an AsyncAPI document"], id="other data"),
        pytest.param({"openapi": "3.1.0"}, ["not an AsyncAPI document", "OpenAPI"], id="OpenAPI"),
        pytest.param(
            {"asyncapi": "2.6.0", "info": INFO, "channels": {}},
            ["AsyncAPI 2.6.0", "npx @asyncapi/cli convert"],
            id="AsyncAPI 2",
        ),
        pytest.param(
            {"asyncapi": "3.0.0", "info": INFO, "channels": {"c": {"$ref": "./other.yaml#/c"}}},
            ["refers to other files", "./other.yaml#/c (at #/channels/c)", "bundle"],
            id="external reference",
        ),
        pytest.param(
            {"asyncapi": "3.0.0", "info": INFO, "channels": {"c": {"$ref": "#/components/channels/c"}}},
            ["something it does not contain", "#/components/channels/c (at #/channels/c)"],
            id="dangling reference",
        ),
        pytest.param(
            {"asyncapi": "3.0.0", "info": INFO, "servers": {"s": {"host": ["h"], "protocol": "ws"}}},
            ["not a valid AsyncAPI 3 document", "#/servers/s/host must be text"],
            id="wrong shape",
        ),
    ],
)
def test_the_page_says_what_is_wrong(
    page: Page, site: Site, document: Answer | dict[str, Any] | str, words: list[str]
) -> None:
    page.goto(site.offer(document=document))
    alert = failure(page)
    for text in words:
        expect(alert).to_contain_text(text)


def test_a_server_that_does_not_answer_is_tried_again_on_request(page: Page, site: Site) -> None:
    address = site.offer_files("chatter")
    site.unreachable.add("/chatter.yaml")
    page.goto(address)
    expect(failure(page)).to_contain_text("did not answer")
    site.unreachable.clear()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#introduction")).to_contain_text("Chatter")


def test_a_document_on_another_host_is_explained(page: Page, site: Site) -> None:
    site.offered = [("elsewhere", "http://elsewhere.invalid/asyncapi.yaml")]
    page.goto(site.page)
    expect(failure(page)).to_contain_text("connect-src")


def test_a_crash_of_the_renderer_is_a_message(page: Page, site: Site) -> None:
    crashing = {
        "asyncapi": "3.0.0",
        "info": INFO,
        "components": {"schemas": {"S": {"type": "string", "examples": {"not": "a list"}}}},
    }
    page.goto(site.offer(document=crashing))
    expect(failure(page)).to_contain_text("could not be shown")
    expect(page.get_by_role("heading", name="Example docs")).to_be_visible()
