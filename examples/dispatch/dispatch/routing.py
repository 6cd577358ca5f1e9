"""Where the consumers are reached."""

from django.urls import path

from dispatch.chat import RideChatConsumer
from dispatch.consumers import DispatchConsumer, NotificationConsumer

websocket_urlpatterns = [
    path("ws/dispatch/", DispatchConsumer.as_asgi()),
    path("ws/notifications/", NotificationConsumer.as_asgi()),
    path("ws/rides/<uuid:ride_id>/chat/", RideChatConsumer.as_asgi()),
]
