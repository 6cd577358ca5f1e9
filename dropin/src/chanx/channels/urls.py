"""The page and the document, for ``include("chanx.channels.urls")``."""

from django.urls import path

from chanx.channels.views import AsyncAPIDocsView, AsyncAPISchemaView

__all__ = ["urlpatterns"]

urlpatterns = [
    path("schema/", AsyncAPISchemaView.as_view(), name="asyncapi_schema"),
    path("docs/", AsyncAPIDocsView.as_view(), name="asyncapi_docs"),
]
