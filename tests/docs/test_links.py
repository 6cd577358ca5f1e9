"""Links inside the repository lead somewhere. Those between pages of the site are checked by Sphinx too."""

from __future__ import annotations

import re
from itertools import pairwise
from urllib.parse import unquote

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.docs.pages import ROOT, pages, text_of

CHECKED = [*pages(), "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "dropin/README.md"]


def links(page: str) -> list[str]:
    """Where a page's links and images lead."""
    found: list[str] = []

    def collect(tokens: list[Token]) -> None:
        for token in tokens:
            target = token.attrGet("href") or token.attrGet("src")
            if target is not None:
                found.append(str(target))
            collect(token.children or [])

    collect(MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text(encoding="utf-8")))
    return found


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub and MyST make them."""
    headings = [
        token.children or [] for before, token in pairwise(MarkdownIt().parse(text)) if before.type == "heading_open"
    ]
    plain = ["".join(each.content for each in heading if each.type in ("text", "code_inline")) for heading in headings]
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in plain}


@pytest.mark.parametrize("page", CHECKED)
def test_links_lead_somewhere(page: str) -> None:
    broken = []
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / unquote(path) if path else ROOT / page
        is_there = target.exists() and ROOT in target.resolve().parents
        if not is_there or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)
    assert broken == []


def test_every_page_of_the_site_is_in_its_navigation() -> None:
    listed = set()
    for page in pages():
        for body in re.findall(r"```{toctree}\n(.*?)```", text_of(page), re.DOTALL):
            folder = (ROOT / page).parent
            listed |= {
                (folder / f"{line}.md").resolve() for line in body.split("\n") if line and not line.startswith(":")
            }
    every = {ROOT / page for page in pages() if page.startswith("docs/")} - {ROOT / "docs/index.md"}
    assert sorted(map(str, every - listed)) == []
    assert sorted(map(str, listed - every)) == []
