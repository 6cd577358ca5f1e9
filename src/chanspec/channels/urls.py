"""The docs page and the document of every consumer that is routed, for ``include("chanspec.channels.urls")``."""

from django.urls import path

from chanspec.channels.views import AsyncAPIDocView, AsyncAPISpecView

app_name = "chanspec"

urlpatterns = [
    path("", AsyncAPIDocView.as_view(), name="docs"),
    path("asyncapi.yaml", AsyncAPISpecView.as_view(), name="document"),
]
