"""The ASGI application that tests discover consumers in."""

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

from chanspec import document_action, document_event


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """A room where people talk."""

    @document_action(summary="Say something")
    async def handle_say(self, content): ...

    @document_event("message.new", summary="Somebody said something")
    async def message_new(self, event): ...


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/rooms/<int:room_id>/", ChatConsumer.as_asgi())])})
