"""Where the consumers are reached."""

from channels.routing import URLRouter
from django.urls import path, re_path

from tests.channels_typed.site.consumers import (
    DatabaseConsumer,
    HooksConsumer,
    MembersOnlyConsumer,
    PlainRoomConsumer,
    RoomConsumer,
    UserRoomConsumer,
)

routes = [
    path(
        "ws/",
        URLRouter(
            [
                path("rooms/<slug:room>/", RoomConsumer.as_asgi()),
                path("plain/<slug:room>/", PlainRoomConsumer.as_asgi()),
                path("database/", DatabaseConsumer.as_asgi()),
                path("hooks/", HooksConsumer.as_asgi()),
                path("members/", MembersOnlyConsumer.as_asgi()),
                re_path(r"^users/(?P<pk>\d+)/$", UserRoomConsumer.as_asgi()),
            ]
        ),
    ),
]
