"""The HTML of the docs page, around the fragments that ``chanspec.viewer`` makes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from urllib.parse import quote

from chanspec import viewer


def page(
    title: str,
    documents: Sequence[tuple[str, str]],
    asset_url: Callable[[str], str],
    try_it_out: viewer.TryItOut = "off",
) -> tuple[bytes, str]:
    """The page and its entity tag.

    Args:
        title: Its heading.
        documents: The documents that it offers, as ``(label, address)`` pairs.
        asset_url: Where its files are, by name.
        try_it_out: Whether it offers to connect and send.
    """
    head = viewer.head(title, asset_url)
    body = viewer.body(title, documents, asset_url, try_it_out=try_it_out)
    content = f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'.encode()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def asset_inside(name: str) -> str:
    """A file of the page as an address that holds its content: for a page that cannot know its own address.

    Such a page carries 0.6 MB, with the try-it-out 1.1 MB, and does not work under a Content-Security-Policy without
    ``data:``. The end of a comment begins behind the content, because the page writes the file's version behind the
    address.
    """
    found = viewer.asset(name)
    media_type = found.content_type.partition(";")[0]
    comment = "/*" if name.endswith(".css") else "\n//"
    return f"data:{media_type};charset=utf-8,{quote(found.content + comment.encode(), safe='')}"


def document_inside(content: bytes, media_type: str) -> str:
    """A document as an address that holds it."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
