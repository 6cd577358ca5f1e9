"""No addresses by default; tests that need some name their own ROOT_URLCONF."""

from django.urls import include, path

urlpatterns = [path("ws-docs/", include("chanspec.channels.urls"))]
