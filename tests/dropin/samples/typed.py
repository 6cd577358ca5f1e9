"""Typed consumers, on Django here; the tests run them on FastAPI too, where one import differs."""

import logging
from datetime import datetime
from typing import Any, Literal

from chanx.channels.websocket import AsyncJsonWebsocketConsumer
from chanx.core.authenticator import BaseAuthenticator
from chanx.core.decorators import channel, event_handler, ws_handler
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import PongMessage
from pydantic import BaseModel

logger = logging.getLogger("samples")


class ChatPayload(BaseModel):
    message: str


class ChatMessage(BaseMessage):
    action: Literal["chat"] = "chat"  # Discriminator field
    payload: ChatPayload


class ChatNotificationMessage(BaseMessage):
    action: Literal["chat_notification"] = "chat_notification"
    payload: ChatPayload


class UserMessage(BaseMessage):
    action: Literal["user_message"] = "user_message"
    payload: str


class SystemEchoMessage(BaseMessage):
    action: Literal["system_echo"] = "system_echo"
    payload: str


class LogMessage(BaseMessage):
    action: Literal["log"] = "log"
    payload: str


class GetStatusMessage(BaseMessage):
    action: Literal["get_status"] = "get_status"
    payload: None = None


class StatusPayload(BaseModel):
    status: str
    timestamp: datetime


class StatusMessage(BaseMessage):
    action: Literal["status"] = "status"
    payload: StatusPayload


class JobResult(BaseMessage):
    action: Literal["job_result"] = "job_result"
    payload: str


class JobStatusMessage(BaseMessage):
    action: Literal["job_status"] = "job_status"
    payload: dict[str, str]


class ComplexEvent(BaseMessage):
    action: Literal["complex"] = "complex"
    payload: None = None


class Notification(BaseMessage):
    action: Literal["notification"] = "notification"
    payload: str


class NotificationPayload(BaseModel):
    text: str


class SystemNotifyEvent(BaseMessage):
    action: Literal["system_notify"] = "system_notify"
    payload: NotificationPayload


class SystemNotification(BaseMessage):
    action: Literal["system_notification"] = "system_notification"
    payload: NotificationPayload


class UserJoinedNotification(BaseMessage):
    action: Literal["user_joined"] = "user_joined"
    payload: Any = None


class UserLeftNotification(BaseMessage):
    action: Literal["user_left"] = "user_left"
    payload: Any = None


class MessageUpdated(BaseMessage):
    action: Literal["message_updated"] = "message_updated"
    payload: Any = None


class UserJoinedMessage(BaseMessage):
    action: Literal["user_joined_message"] = "user_joined_message"
    payload: dict[str, Any]


# ---- decorators ----------------------------------------------------------------------------------------


@channel(name="notifications", description="User notification system", tags=["notifications", "real-time"])
class NotificationConsumer(AsyncJsonWebsocketConsumer[SystemNotifyEvent]):
    groups = ["notifications"]

    @event_handler(output_type=SystemNotification)
    async def handle_system_notify(self, event: SystemNotifyEvent) -> None:
        await self.send_message(SystemNotification(payload=event.payload))


@channel(name="example")
class ExampleConsumer(AsyncJsonWebsocketConsumer):
    groups = ["room_general"]

    @ws_handler(summary="Handle ping requests")
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler(
        summary="Handle chat messages",
        description="Process chat messages and broadcast to room members",
        output_type=ChatNotificationMessage,
        tags=["chat", "messaging"],
    )
    async def handle_chat(self, message: ChatMessage) -> None:
        # Broadcast to group instead of direct response
        await self.broadcast_message(
            ChatNotificationMessage(payload=ChatPayload(message=f"User: {message.payload.message}"))
        )

    @ws_handler
    async def handle_user_message(self, message: UserMessage) -> SystemEchoMessage:
        # What you return goes back to the sender only
        return SystemEchoMessage(payload=message.payload)

    @ws_handler
    async def handle_log(self, message: LogMessage) -> None:
        logger.info("Received: %s", message.payload)
        # No response sent

    @ws_handler
    async def handle_get_status(self, message: GetStatusMessage) -> StatusMessage:
        return StatusMessage(payload=StatusPayload(status="online", timestamp=datetime.now()))

    @event_handler
    async def handle_job_result(self, event: JobResult) -> JobStatusMessage:
        # What you return is sent to the WebSocket client
        return JobStatusMessage(payload={"status": "result", "message": event.payload})

    @event_handler(output_type=Notification)
    async def handle_complex_event(self, event: ComplexEvent) -> None:
        # Send multiple messages
        await self.send_message(Notification(payload="Processing..."))
        await self.send_message(Notification(payload="Complete!"))


# ---- passthrough ---------------------------------------------------------------------------------------

joined: list[Any] = []


def log_user_joined(event):
    joined.append(event.payload)


class PresenceMixin:
    passthrough_events = [UserJoinedNotification, UserLeftNotification]


class PassthroughConsumer(PresenceMixin, AsyncJsonWebsocketConsumer):
    groups = ["presence"]
    passthrough_events = [MessageUpdated]


class ExplicitConsumer(AsyncJsonWebsocketConsumer):
    groups = ["presence"]
    passthrough_events = [UserJoinedNotification, UserLeftNotification]
    passthrough_method_prefix = "forward_"

    # This explicit handler takes priority over passthrough for UserJoinedNotification
    @event_handler
    async def handle_user_joined(self, event: UserJoinedNotification) -> UserJoinedNotification:
        log_user_joined(event)
        return event


# ---- groups --------------------------------------------------------------------------------------------


class RoomConsumer(AsyncJsonWebsocketConsumer):
    async def post_authentication(self) -> None:
        """Called after successful authentication."""
        # Extract room from URL parameters
        room_id = self.scope["path_params"]["room_id"]
        group_name = f"room_{room_id}"

        # Join the room group
        await self.channel_layer.group_add(group_name, self.channel_name)
        self.groups.append(group_name)

        # Notify others about the join
        await self.broadcast_message(
            UserJoinedMessage(payload={"user_id": room_id}),
            groups=[group_name],
            exclude_current=True,  # Don't send to self
        )

    @ws_handler(output_type=ChatNotificationMessage)
    async def handle_chat(self, message: ChatMessage) -> None:
        # Broadcast to all connections in the same groups
        await self.broadcast_message(ChatNotificationMessage(payload=message.payload))
        # Broadcast to specific groups
        await self.broadcast_message(
            ChatNotificationMessage(payload=message.payload), groups=["room_123", "moderators"]
        )


# ---- configuration and authentication ------------------------------------------------------------------

USERS = {"ada-token": "ada"}


async def get_user_by_token(token):
    return USERS.get(token)


class TokenAuthenticator(BaseAuthenticator):
    async def authenticate(self) -> bool:
        token = self.get_query_param("token")
        if not token:
            return False
        # Validate token logic here
        self.user = await get_user_by_token(token)
        return self.user is not None


class MyConsumer(AsyncJsonWebsocketConsumer):
    # Message behavior
    send_completion = False  # Whether to send completion signals
    send_message_immediately = True  # Yield control after sending
    log_websocket_message = True  # Log messages
    log_ignored_actions = ["ping", "pong"]  # Skip logging these

    # Message formatting
    camelize = False  # Convert snake_case <-> camelCase
    discriminator_field = "action"  # Field for message routing

    # Channel layer (required for non-Django frameworks)
    channel_layer_alias = "default"

    # Authentication
    authenticator_class = TokenAuthenticator

    @ws_handler
    async def handle_user_message(self, message: UserMessage) -> SystemEchoMessage:
        return SystemEchoMessage(payload=f"{self.user}: {message.payload}")
