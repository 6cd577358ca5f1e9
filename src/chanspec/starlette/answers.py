"""HTTP answers of documents, pages and their files: caching (RFC 9111), conditions (RFC 9110, 13) and negotiation."""

from __future__ import annotations

from typing import Literal

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chanspec import viewer
from chanspec.asyncapi.served import MEDIA_TYPES

REVALIDATE = "no-cache"
"""Keep it, but ask whether it is still the same."""
FOR_EVER = "max-age=31536000, immutable"


def answer(
    request: Request | None,
    content: bytes,
    media_type: str,
    etag: str,
    *,
    cache: str = REVALIDATE,
    vary: str | None = None,
) -> Response:
    """A ``200`` with the content, or a ``304`` to who has it already; ``HEAD`` gets the headers alone."""
    headers = {"ETag": etag, "Cache-Control": cache, "X-Content-Type-Options": "nosniff"}
    if vary:
        headers["Vary"] = vary
    if request is not None and _has_current(request, etag):
        return Response(status_code=304, headers=headers)
    if request is not None and request.method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(len(content))}, media_type=media_type)
    return Response(content, headers=headers, media_type=media_type)


def asset(request: Request, name: str) -> Response:
    """One of the page's own files."""
    try:
        found = viewer.asset(name)
    except viewer.UnknownAssetError:
        return PlainTextResponse("the page has no such file", status_code=404)
    cache = FOR_EVER if request.query_params.get("v") == found.version else REVALIDATE
    return answer(request, found.content, found.content_type, found.etag, cache=cache)


def wanted_form(request: Request, default: Literal["yaml", "json"]) -> str:
    """``"yaml"`` or ``"json"``, as ``?format=`` or ``Accept`` ask; what else ``?format=`` says comes back as it is."""
    if chosen := request.query_params.get("format"):
        return chosen
    accept = request.headers.get("accept", "*/*")
    json, yaml = (_quality(accept, MEDIA_TYPES[form]) for form in ("json", "yaml"))
    if json == yaml:
        return default
    return "json" if json > yaml else "yaml"


def _quality(accept: str, media_type: str) -> float:
    """How much a client wants a media type (RFC 9110, 12.5.1): the most specific range that covers it says."""
    ranges = {"*/*": 0, media_type.partition("/")[0] + "/*": 1, media_type: 2}
    best, quality = -1, 0.0
    for each in accept.split(","):
        media_range, *parameters = (part.strip().lower() for part in each.split(";"))
        specificity = ranges.get(media_range, -1)
        if specificity > best:
            best, quality = specificity, _weight(parameters)
    return quality


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _has_current(request: Request, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag in tags or "*" in tags
