"""The pages: the start page, logging in and out, a token, and the API's documentation."""

from chanspec.channels.views import AsyncAPIDocView, AsyncAPISpecView
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path, reverse_lazy

from dispatch import views
from dispatch.chat import RideChatConsumer
from dispatch.consumers import NotificationConsumer
from dispatch.routing import DispatchConsumer

urlpatterns = [
    path("", views.index, name="index"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("token/", views.token, name="token"),
    path("rides/<uuid:ride_id>/arrived/", views.arrived, name="arrived"),
    # The page, with a switcher between four documents.
    path(
        "ws-docs/",
        AsyncAPIDocView.as_view(
            specs=[
                ("Everything", reverse_lazy("asyncapi")),
                ("Dispatch /ws/dispatch/", reverse_lazy("asyncapi-dispatch")),
                ("Notifications /ws/notifications/", reverse_lazy("asyncapi-notifications")),
                ("Ride chat /ws/rides/{ride_id}/chat/", reverse_lazy("asyncapi-chat")),
            ]
        ),
        name="docs",
    ),
    # Given no consumer, the view documents all that ASGI_APPLICATION routes to.
    path("ws-docs/asyncapi.yaml", AsyncAPISpecView.as_view(), name="asyncapi"),
    path(
        "ws-docs/dispatch/asyncapi.yaml",
        AsyncAPISpecView.as_view(consumer=DispatchConsumer, channel_path="/ws/dispatch/"),
        name="asyncapi-dispatch",
    ),
    path(
        "ws-docs/notifications/asyncapi.yaml",
        AsyncAPISpecView.as_view(consumer=NotificationConsumer, channel_path="/ws/notifications/"),
        name="asyncapi-notifications",
    ),
    path(
        "ws-docs/chat/asyncapi.yaml",
        AsyncAPISpecView.as_view(consumer=RideChatConsumer, channel_path="/ws/rides/<uuid:ride_id>/chat/"),
        name="asyncapi-chat",
    ),
]
