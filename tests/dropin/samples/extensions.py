"""The extensions of Django projects: views, routing, settings."""

from channels.routing import ProtocolTypeRouter, URLRouter
from chanx.ext.channels.settings import chanx_settings
from chanx.ext.channels.utils.asgi import get_websocket_application
from chanx.ext.channels.views import AsyncAPIDocsView, AsyncAPISchemaView, generate_asyncapi_schema
from django.http import JsonResponse
from django.urls import path

from .typed import ExampleConsumer, RoomConsumer


def generated(request):
    return JsonResponse(generate_asyncapi_schema(request))


urlpatterns = [
    path("asyncapi/schema/", AsyncAPISchemaView.as_view()),
    path("asyncapi/docs/", AsyncAPIDocsView.as_view()),
    path("generated/", generated),
]

application = ProtocolTypeRouter(
    {
        "websocket": URLRouter(
            [
                path("ws/example/", ExampleConsumer.as_asgi()),
                path("ws/rooms/<str:room_id>/", RoomConsumer.as_asgi()),
            ]
        )
    }
)


def websocket_application():
    return get_websocket_application()


def what_the_settings_say():
    # Access a setting
    action_key = chanx_settings.MESSAGE_ACTION_KEY

    # Check if completion messages are enabled
    if chanx_settings.SEND_COMPLETION:
        return action_key, "completes"
    return action_key, chanx_settings.ASYNCAPI_TITLE, chanx_settings.ASYNCAPI_VERSION
