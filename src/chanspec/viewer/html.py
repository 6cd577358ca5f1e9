"""The two fragments of HTML that make a web page the documentation page; a framework's template holds them.

Neither holds an inline script or style, so they work under `Content-Security-Policy: default-src 'self'`. The
configuration is a JSON block, which a browser does not run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any, Final, Literal, TypeAlias

from chanspec.viewer.assets import asset

DocumentLink: TypeAlias = tuple[str, str]
"""A document to offer: its label and its address."""

AssetUrl: TypeAlias = Callable[[str], str] | Mapping[str, str]
"""Where a file of the page is served: a function from its name, or a mapping."""

TryItOut: TypeAlias = Literal["off", "closed", "open"]
"""Whether the page offers to connect and send: not at all, when asked, or from the start."""

# In a script block only `<` can end it; the others keep the block safe in older parsers and in XHTML.
_ESCAPES: Final = {
    ord("<"): "\\u003c",
    ord(">"): "\\u003e",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


def versioned(name: str, asset_url: AssetUrl) -> str:
    """The address of a file of the page, with its content's hash: a cache can keep it for ever."""
    url = asset_url(name) if callable(asset_url) else asset_url[name]
    separator = "&" if "?" in url else "?"
    return f"{url}{separator}v={asset(name).version}"


def head(title: str, asset_url: AssetUrl) -> str:
    """What belongs into `<head>`.

    Args:
        title: the page's title, as plain text.
        asset_url: where the page's files are served.

    Raises:
        AssetsNotBuiltError: the page was not built.
    """
    lines = (
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{escape(title)}</title>",
        # Without one, browsers ask the site for /favicon.ico.
        f'<link rel="icon" type="image/svg+xml" href="{escape(versioned("icon.svg", asset_url))}">',
        f'<link rel="stylesheet" data-chanspec href="{escape(versioned("docs.css", asset_url))}">',
    )
    return "\n".join(lines)


def body(
    title: str,
    documents: Iterable[DocumentLink],
    asset_url: AssetUrl,
    spare_url: AssetUrl | None = None,
    *,
    try_it_out: TryItOut = "off",
) -> str:
    """What belongs into `<body>`.

    Args:
        title: the heading of the page, as plain text.
        documents: (label, address) pairs. One is shown; among several the reader chooses, beginning with the
            first. An address is relative to the page.
        asset_url: where the page's files are served.
        spare_url: where they are served for certain, if it is not certain at `asset_url`: the page tries both.
        try_it_out: whether the page offers to connect and send; with ``"off"`` none of it is in the page.

    Raises:
        ValueError: there is no document, or two have one label; or `try_it_out` is none of the three.
        AssetsNotBuiltError: the page was not built.
    """
    links = _documents(documents)
    config: dict[str, object] = {
        "title": title,
        "documents": links,
        # It comes when it is asked for, from where it is certain to be.
        **_try_it_out(try_it_out, spare_url or asset_url),
    }
    script = versioned("docs.js", asset_url)
    if spare_url is not None:
        style, spare = versioned("docs.css", spare_url), versioned("docs.js", spare_url)
        config["assets"] = {"script": script, "spareScript": spare, "style": style}
        script = versioned("boot.js", spare_url)
    lines = (
        # The page takes the place of this text.
        '<div id="chanspec"><p>Loading… If this stays, a file of this page could not be loaded.</p></div>',
        "<noscript>",
        "<p>This documentation needs JavaScript. Allow it for this site, or read the document itself:</p>",
        *(f'<p><a href="{escape(link["url"])}">{escape(link["label"])}</a></p>' for link in links),
        "</noscript>",
        f'<script type="application/json" id="chanspec-config">{_json(config)}</script>',
        f'<script type="module" src="{escape(script)}"></script>',
    )
    return "\n".join(lines)


def _try_it_out(choice: TryItOut, asset_url: AssetUrl) -> dict[str, Any]:
    if choice == "off":
        return {}
    if choice not in ("closed", "open"):
        raise ValueError(f"try_it_out is 'off', 'closed' or 'open', not {choice!r}")
    urls = {"script": versioned("try.js", asset_url), "style": versioned("try.css", asset_url)}
    return {"tryItOut": {**urls, "open": choice == "open"}}


def _documents(documents: Iterable[DocumentLink]) -> list[dict[str, str]]:
    links = [{"label": str(label), "url": str(url)} for label, url in documents]
    if not links:
        raise ValueError("the documentation page has no document; give at least one (label, address) pair")
    labels = [link["label"] for link in links]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice:
        raise ValueError(
            f"two documents of the page have the label {twice[0]!r}; give each its own, "
            "because the page's address names a document by its label"
        )
    return links


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
