from channels_spectacular.views import AsyncAPIDocView, AsyncAPISpecView
from dispatch.consumers import DispatchConsumer
from django.urls import include, path
from myapp.consumers import NotifConsumer, RideConsumer

urlpatterns = [
    path("", include("myapp.urls")),
    # Multiple consumers in one spec.
    path("all/ws-docs/", AsyncAPIDocView.as_view()),
    path(
        "all/ws-docs/asyncapi.yaml",
        AsyncAPISpecView.as_view(
            consumers=[
                (RideConsumer, "/ws/rides/"),
                (NotifConsumer, "/ws/notifications/"),
            ],
        ),
    ),
    # Separate specs with a switcher.
    path(
        "api/v1/ws-docs/",
        AsyncAPIDocView.as_view(
            specs=[
                ("Dispatch /ws/dispatch/", "/api/v1/ws-docs/dispatch/asyncapi.yaml"),
                ("Notifications /ws/notif/", "/api/v1/ws-docs/notif/asyncapi.yaml"),
            ],
        ),
    ),
    path(
        "api/v1/ws-docs/dispatch/asyncapi.yaml",
        AsyncAPISpecView.as_view(consumer=DispatchConsumer, channel_path="/ws/dispatch/"),
    ),
    path(
        "api/v1/ws-docs/notif/asyncapi.yaml",
        AsyncAPISpecView.as_view(consumer=NotifConsumer, channel_path="/ws/notifications/"),
    ),
    # Every attribute of the views.
    path(
        "whole/<slug:tenant>/asyncapi.yaml",
        AsyncAPISpecView.as_view(
            consumer=DispatchConsumer,
            channel_path="/ws/whole/",
            info={"title": "Whole", "version": "9"},
            servers={"prod": {"host": "whole.example.com", "protocol": "wss"}},
        ),
    ),
    path("static-file/", AsyncAPIDocView.as_view(spec_url="/files/by-hand.yaml")),
    path("themed/", AsyncAPIDocView.as_view(template_name="dispatch/docs.html")),
]
