"""Where the consumers are reached."""

from django.conf import settings
from django.urls import path

from dispatch import consumers, drift
from dispatch.chat import RideChatConsumer
from dispatch.consumers import NotificationConsumer

DispatchConsumer = drift.DispatchConsumer if settings.DEMO_DRIFT else consumers.DispatchConsumer

websocket_urlpatterns = [
    path("ws/dispatch/", DispatchConsumer.as_asgi()),
    path("ws/notifications/", NotificationConsumer.as_asgi()),
    path("ws/rides/<uuid:ride_id>/chat/", RideChatConsumer.as_asgi()),
]
