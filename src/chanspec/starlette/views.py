"""The document and the page that shows it as endpoints: for a ``Route`` of Starlette, or inside a path function.

    Route("/asyncapi.json", asyncapi_spec_json)

    @app.get("/asyncapi.json")
    async def spec() -> Response:
        return await asyncapi_spec_json(app=app, config={"title": "Chat"})

:mod:`chanspec.starlette.docs` has all of them as one application to mount.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from chanspec.asyncapi import AsyncAPIGenerator
from chanspec.asyncapi.served import MEDIA_TYPES, Document, Documents
from chanspec.starlette import answers
from chanspec.starlette.config import AsyncAPIConfig, NoConsumerError, arguments, checked, title_of, try_it_out_of
from chanspec.starlette.page import asset_inside, document_inside, page

__all__ = ["AsyncAPIConfig", "NoConsumerError", "asyncapi_docs", "asyncapi_spec_json", "asyncapi_spec_yaml"]

_documents = Documents(AsyncAPIGenerator)


async def asyncapi_spec_json(
    request: Request | None = None, app: Any = None, config: AsyncAPIConfig | None = None
) -> Response:
    """The AsyncAPI document as JSON.

    Args:
        request: The request; without it the document names no server, unless the configuration does.
        app: The application whose consumers are documented; by default the one that handles the request.
        config: Title, version and so on; see :class:`AsyncAPIConfig`.

    Raises:
        NoConsumerError: Neither the application nor the configuration has a consumer to document.
        TypeError: The configuration has an unknown key.
        ValueError: Its ``try_it_out`` is not ``"off"``, ``"closed"`` or ``"open"``.
    """
    return await _spec("asyncapi_spec_json", request, app, config, "json")


async def asyncapi_spec_yaml(
    request: Request | None = None, app: Any = None, config: AsyncAPIConfig | None = None
) -> Response:
    """The AsyncAPI document as YAML. Errors are those of :func:`asyncapi_spec_json`.

    Args:
        request: The request; without it the document names no server, unless the configuration does.
        app: The application whose consumers are documented; by default the one that handles the request.
        config: Title, version and so on; see :class:`AsyncAPIConfig`.
    """
    return await _spec("asyncapi_spec_yaml", request, app, config, "yaml")


async def asyncapi_docs(
    request: Request | None = None, app: Any = None, config: AsyncAPIConfig | None = None
) -> Response:
    """The page that shows the document, which it serves with its files below the same address, by their query.

    Errors are those of :func:`asyncapi_spec_json`.

    Args:
        request: The request. Without it the page is one large file that holds everything, and needs a
            Content-Security-Policy that allows ``data:`` scripts, or none.
        app: The application whose consumers are documented; by default the one that handles the request.
        config: Title, version and so on; see :class:`AsyncAPIConfig`.
    """
    told = checked(config, "asyncapi_docs")
    if request is None:
        document = await rendered(told, app, None, "json", "asyncapi_docs")
        url = document_inside(document.content, MEDIA_TYPES["json"])
        return answers.answer(None, *_html(told, url, asset_inside))
    if (name := request.query_params.get("asset")) is not None:
        return answers.asset(request, name)
    if (form := request.query_params.get("format", "")) in MEDIA_TYPES:
        return await _spec("asyncapi_docs", request, app, config, form)
    return answers.answer(request, *_html(told, "?format=yaml", lambda name: f"?asset={name}"))


async def rendered(config: Mapping[str, Any], app: object, request: Request | None, form: str, where: str) -> Document:
    """The document of a configuration, kept while nothing changes."""
    told = arguments(config, app, None if request is None else request.scope, where)
    # The first time takes as long as there are consumers; connections go on meanwhile.
    return await run_in_threadpool(_documents.render, told, form)


async def _spec(where: str, request: Request | None, app: object, config: AsyncAPIConfig | None, form: str) -> Response:
    document = await rendered(checked(config, where), app, request, form, where)
    return answers.answer(request, document.content, MEDIA_TYPES[form], document.etag, vary="Host")


def _html(config: Mapping[str, Any], url: str, asset_url: Callable[[str], str]) -> tuple[bytes, str, str]:
    title = title_of(config)
    content, etag = page(title, [(title, url)], asset_url, try_it_out_of(config))
    return content, "text/html; charset=utf-8", etag
