"""The page's built files, by name. A name that a client sent is looked up in a table, never on the disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Django collects static files only from an app's own `static` directory, so the build puts them there.
DIRECTORY: Final = Path(__file__).resolve().parent.parent / "channels" / "static" / "chanspec"

_CONTENT_TYPES: Final = {
    "boot.js": "text/javascript; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
    "docs.css": "text/css; charset=utf-8",
    # The try-it-out: the page loads it when it is first opened.
    "try.js": "text/javascript; charset=utf-8",
    "try.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "LICENSES.txt": "text/plain; charset=utf-8",
}

ASSET_NAMES: Final = tuple(_CONTENT_TYPES)


class UnknownAssetError(LookupError):
    """The page has no file of that name."""


class AssetsNotBuiltError(RuntimeError):
    """The page's files are missing: this is a checkout in which they were never built."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page.

    Attributes:
        name: its name, such as `docs.js`.
        content: its bytes.
        content_type: the value for `Content-Type`.
        etag: a strong entity tag (RFC 9110, 8.8.3), with its quotes: a hash of the content.
        version: the same hash without quotes, for an address that changes with the content.
    """

    name: str
    content: bytes
    content_type: str
    etag: str
    version: str


# By name: what the file was when it was read, so that a rebuild in a running development server is noticed.
_read: dict[str, tuple[tuple[int, int], Asset]] = {}


def asset(name: str) -> Asset:
    """The file of that name.

    Args:
        name: one of `ASSET_NAMES`; anything else, from a client too, is refused before any file is touched.

    Raises:
        UnknownAssetError: there is no such file.
        AssetsNotBuiltError: the page was not built.
    """
    if name not in _CONTENT_TYPES:
        known = ", ".join(ASSET_NAMES)
        raise UnknownAssetError(f"the documentation page has no file of this name; it has {known}")
    path = DIRECTORY / name
    try:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        known_stamp, known_asset = _read.get(name, (None, None))
        if known_asset is not None and known_stamp == stamp:
            return known_asset
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise AssetsNotBuiltError(
            f"{path} is missing: the documentation page has not been built; "
            "run `make setup` in the checkout, or install chanspec from a wheel, which contains it"
        ) from error
    version = hashlib.sha256(content).hexdigest()[:16]
    made = Asset(name, content, _CONTENT_TYPES[name], f'"{version}"', version)
    _read[name] = (stamp, made)
    return made
