"""The complete chat on Django, and what other parts of the project send to it."""

from typing import Literal

from chanx.channels.authenticator import DjangoAuthenticator
from chanx.channels.websocket import AsyncJsonWebsocketConsumer
from chanx.core.decorators import channel, event_handler, ws_handler
from chanx.messages.base import BaseChannelEvent, BaseMessage
from django.contrib.auth.models import Group as ChatRoom
from django.core.management.base import BaseCommand
from django.http import JsonResponse
from pydantic import BaseModel
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import IsAuthenticated


class ChatPayload(BaseModel):
    message: str


class JoinRoomPayload(BaseModel):
    room: str


class ChatNotificationPayload(BaseModel):
    message: str
    username: str
    room_id: int


class UserPayload(BaseModel):
    username: str


class UserJoinedPayload(BaseModel):
    username: str
    message: str


# Messages
class ChatMessage(BaseMessage):
    action: Literal["chat"] = "chat"
    payload: ChatPayload


class JoinRoomMessage(BaseMessage):
    action: Literal["join_room"] = "join_room"
    payload: JoinRoomPayload


class ChatNotificationMessage(BaseMessage):
    action: Literal["chat_notification"] = "chat_notification"
    payload: ChatNotificationPayload


class UserJoinedMessage(BaseMessage):
    action: Literal["user_joined"] = "user_joined"
    payload: UserJoinedPayload


# Events
class UserJoinedEvent(BaseChannelEvent):
    handler: Literal["user_joined"] = "user_joined"
    payload: UserPayload


# Authenticator
class RoomAuthenticator(DjangoAuthenticator):
    authentication_classes = [SessionAuthentication]
    permission_classes = [IsAuthenticated]
    queryset = ChatRoom.objects.all()
    obj: ChatRoom


# Consumer (generic type is optional - either approach works)
@channel(name="room_chat", description="Real-time chat for specific rooms", tags=["chat", "rooms"])
class RoomChatConsumer(AsyncJsonWebsocketConsumer[UserJoinedEvent]):  # Optional generic for type hints
    authenticator_class = RoomAuthenticator
    authenticator: RoomAuthenticator

    # Configuration
    log_ignored_actions = ["ping", "pong"]

    async def post_authentication(self) -> None:
        """Join room group after authentication."""
        room_group = f"room_{self.authenticator.obj.id}"
        await self.channel_layer.group_add(room_group, self.channel_name)
        self.groups.append(room_group)

    @ws_handler(summary="Handle chat messages", output_type=ChatNotificationMessage)
    async def handle_chat(self, message: ChatMessage) -> None:
        """Process and broadcast chat messages."""
        await self.broadcast_message(
            ChatNotificationMessage(
                payload=ChatNotificationPayload(
                    message=message.payload.message,
                    username=self.authenticator.user.username,
                    room_id=self.authenticator.obj.id,
                )
            )
        )

    @event_handler(output_type=UserJoinedMessage)
    async def user_joined(self, event: UserJoinedEvent) -> UserJoinedMessage:
        """Handle user join events from other parts of the app."""
        return UserJoinedMessage(
            payload=UserJoinedPayload(
                username=event.payload.username, message=f"{event.payload.username} joined the room"
            )
        )


# ---- events from views, tasks and commands -------------------------------------------------------------


class NewPostEvent(BaseMessage):
    action: Literal["new_post"] = "new_post"
    payload: dict


class PaymentCompleteEvent(BaseMessage):
    action: Literal["payment_complete"] = "payment_complete"
    payload: dict


class SystemAnnouncementEvent(BaseMessage):
    action: Literal["announcement"] = "announcement"
    payload: str


class NotificationConsumer(AsyncJsonWebsocketConsumer):
    groups = ["news_feed", "all_users"]
    passthrough_events = [NewPostEvent, PaymentCompleteEvent, SystemAnnouncementEvent]

    names: list[str] = []

    async def post_authentication(self) -> None:
        self.names.append(self.channel_name)


def create_post(request):
    # Send event to WebSocket consumers
    NotificationConsumer.broadcast_event_sync(
        NewPostEvent(payload={"post_id": 7, "title": request.GET["title"]}), groups=["news_feed"]
    )
    return JsonResponse({"status": "created"})


def process_payment(channel_name):  # what a worker runs
    # Notify specific user
    NotificationConsumer.send_event_sync(PaymentCompleteEvent(payload={"status": "paid"}), channel_name=channel_name)


class Command(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("message", type=str)

    def handle(self, *args, **options):
        NotificationConsumer.broadcast_event_sync(
            SystemAnnouncementEvent(payload=options["message"]), groups=["all_users"]
        )
