"""The docs page and the document of every consumer that is routed, for ``include("chanspec.channels.urls")``."""

from django.urls import path

from chanspec.channels.views import AsyncAPIDocView, AsyncAPISchemaView, AsyncAPISpecView

app_name = "chanspec"

urlpatterns = [
    path("", AsyncAPIDocView.as_view(), name="docs"),
    path("asyncapi.yaml", AsyncAPISpecView.as_view(), name="document"),
    path("asyncapi.json", AsyncAPISchemaView.as_view(), name="document-json"),
]
