"""The document and its page as endpoints, with the title and version of the FastAPI application by default."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from chanspec.starlette import views
from chanx.fast_channels.type_defs import AsyncAPIConfig, translated

__all__ = ["AsyncAPIConfig", "asyncapi_docs", "asyncapi_spec_json", "asyncapi_spec_yaml"]


async def asyncapi_spec_json(
    request: Request | None = None, app: Any = None, config: AsyncAPIConfig | None = None
) -> Response:
    """As :func:`chanspec.starlette.views.asyncapi_spec_json`."""
    return await views.asyncapi_spec_json(request, app, translated(config, _documented(request, app)))


async def asyncapi_spec_yaml(
    request: Request | None = None, app: Any = None, config: AsyncAPIConfig | None = None
) -> Response:
    """As :func:`chanspec.starlette.views.asyncapi_spec_yaml`."""
    return await views.asyncapi_spec_yaml(request, app, translated(config, _documented(request, app)))


async def asyncapi_docs(
    request: Request | None = None, app: Any = None, config: AsyncAPIConfig | None = None
) -> Response:
    """As :func:`chanspec.starlette.views.asyncapi_docs`."""
    return await views.asyncapi_docs(request, app, translated(config, _documented(request, app)))


def _documented(request: Request | None, app: Any) -> Any:
    return request.scope.get("app") if app is None and request is not None else app
