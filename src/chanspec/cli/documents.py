"""A document from a file, or from the server that is tested: read whole, and within limits."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chanspec.terminal import shown

__all__ = ["DocumentUnreadableError", "from_file", "from_url"]

MAX_BYTES = 32 * 1024 * 1024
SECONDS = 20


class DocumentUnreadableError(ValueError):
    """The document cannot be had; ``str()`` says why, in one line."""


def from_file(name: str) -> Any:
    """The document in a file, YAML or JSON; raises ``DocumentUnreadableError``."""
    try:
        with Path(name).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DocumentUnreadableError(f"{name}: {error.strerror or error}") from error
    return _parsed(content, name)


def from_url(url: str, may_ask: Callable[[str], bool]) -> Any:
    """The document at an address; raises ``DocumentUnreadableError``.

    Args:
        url: ``http://…`` or ``https://…``.
        may_ask: Whether a host may be asked; redirects are followed to such hosts only.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Redirects(may_ask))
    headers = {"Accept": "application/json, application/yaml;q=0.9, */*;q=0.1", "User-Agent": "chanspec-conform"}
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=SECONDS) as answer:  # noqa: S310
            content = answer.read(MAX_BYTES + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise DocumentUnreadableError(f"{url}: the server answered {error.code}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise DocumentUnreadableError(f"{url}: {' '.join(str(reason).split())}") from error
    return _parsed(content, url)


class _Redirects(urllib.request.HTTPRedirectHandler):
    def __init__(self, may_ask: Callable[[str], bool]) -> None:
        self._may_ask = may_ask

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        host = urlsplit(newurl).hostname or ""
        if not self._may_ask(host):
            fp.close()
            raise DocumentUnreadableError(f"the document's address leads on to {shown(host, 100)}, which is not asked")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _parsed(content: bytes, name: str) -> Any:
    from chanspec.asyncapi.source import SourceError, load

    if len(content) > MAX_BYTES:
        raise DocumentUnreadableError(f"{name} is larger than {MAX_BYTES // 1024 // 1024} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentUnreadableError(f"{name} is not UTF-8 text: byte {error.start}") from error
    try:
        return load(text)
    except SourceError as error:
        raise DocumentUnreadableError(f"{name}: {error}") from error
