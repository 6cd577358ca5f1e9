"""The views, and the document as a value, with what ``CHANX`` says."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from chanspec.channels import views
from chanx.channels.generator import AsyncAPIGenerator
from chanx.channels.settings import project_settings

__all__ = ["AsyncAPIDocsView", "AsyncAPISchemaView", "generate_asyncapi_schema"]


class AsyncAPISchemaView(views.AsyncAPISchemaView):
    """As :class:`chanspec.channels.views.AsyncAPISchemaView`."""

    generator_class = AsyncAPIGenerator


class AsyncAPIDocsView(views.AsyncAPIDocsView):
    """As :class:`chanspec.channels.views.AsyncAPIDocsView`."""

    schema_view = AsyncAPISchemaView
    project = project_settings


def generate_asyncapi_schema(request: HttpRequest) -> dict[str, Any]:
    """As :func:`chanspec.channels.views.generate_asyncapi_schema`."""
    return views.generate_asyncapi_schema(request, AsyncAPISchemaView)
