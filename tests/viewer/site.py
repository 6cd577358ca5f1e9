"""A loopback web site with the documentation page, its files and whatever documents a test gives it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from chanspec.viewer import ASSET_NAMES, TryItOut, asset, body, head

DOCUMENTS = Path(__file__).parent / "documents"

# Stricter than the page may demand: neither inline styles nor images from `data:` are allowed.
POLICY = "default-src 'self'"


@dataclass
class Answer:
    content: bytes
    content_type: str = "application/yaml"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def _answer(document: Answer | dict[str, Any] | str) -> Answer:
    if isinstance(document, Answer):
        return document
    if isinstance(document, dict):
        return Answer(json.dumps(document).encode(), "application/json")
    return Answer(document.encode())


@dataclass
class Site:
    """The running site. `documents` maps a path to what is there; `offered` is what the page is told of."""

    origin: str
    documents: dict[str, Answer] = field(default_factory=dict)
    offered: list[tuple[str, str]] = field(default_factory=list)
    title: str = "Example docs"
    policy: str = POLICY
    try_it_out: TryItOut = "off"
    spare: bool = False
    first: str = "/static/"
    """Where the page looks for its files; with `spare`, at `/static/` too."""
    unreachable: set[str] = field(default_factory=set)
    """Paths whose requests end without an answer. Playwright can fail requests too, but once it failed one more
    after it was told to stop."""

    @property
    def page(self) -> str:
        return f"{self.origin}/docs/"

    def offer(self, **documents: Answer | dict[str, Any] | str) -> str:
        """Puts documents on the site and into the page, by label. Returns the page's address."""
        for label, document in documents.items():
            self.documents[f"/{label}.yaml"] = _answer(document)
        self.offered = [(label, f"/{label}.yaml") for label in documents]
        return self.page

    def offer_files(self, *names: str) -> str:
        return self.offer(**{name: (DOCUMENTS / f"{name}.yaml").read_text() for name in names})

    def answer(self, path: str) -> Answer:
        if path == "/docs/":
            return Answer(self._html().encode(), "text/html; charset=utf-8")
        name = path.removeprefix("/static/")
        if name in ASSET_NAMES and path.startswith("/static/"):
            return Answer(asset(name).content, asset(name).content_type)
        return self.documents.get(path, Answer(b"nothing here", "text/plain", 404))

    def _html(self) -> str:
        def first(name: str) -> str:
            return f"{self.first}{name}"

        spare = (lambda name: f"/static/{name}") if self.spare else None
        return (
            f'<!doctype html><html lang="en"><head>{head(self.title, first)}</head>'
            f"<body>{body(self.title, self.offered, first, spare, try_it_out=self.try_it_out)}</body></html>"
        )


class _Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in self.site.unreachable:
            return
        answer = self.site.answer(path)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.content)))
        self.send_header("Content-Security-Policy", self.site.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.content)

    def log_message(self, format: str, *args: object) -> None:
        """The tests' output stays theirs."""


@contextmanager
def running_site() -> Iterator[Site]:
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.site = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield handler.site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def choice(page: str, label: str) -> str:
    """The page's address with a document chosen."""
    return f"{page}?document={quote(label)}"


# Opens every schema that is closed, as a reader who looks everywhere would.
EXPAND_ALL = """
() => {
  for (const button of document.querySelectorAll('main button'))
    if (button.textContent === 'Expand all') button.click()
}
"""
