"""What the tests ask for by HTTP."""

from django.http import HttpRequest, JsonResponse
from django.urls import path

from chanspec.channels.views import AsyncAPIDocsView, AsyncAPISchemaView, generate_asyncapi_schema
from tests.channels_typed.site.consumers import News, RoomConsumer


def announce(request: HttpRequest, room: str) -> JsonResponse:
    """A sync view that tells everybody in a room something."""
    RoomConsumer.broadcast_event_sync(News(payload=request.GET["text"]), groups=[f"room.{room}"])
    return JsonResponse({"announced": True})


async def announce_async(request: HttpRequest, room: str) -> JsonResponse:
    """The same from an async view."""
    await RoomConsumer.broadcast_event(News(payload=request.GET["text"]), groups=[f"room.{room}"])
    return JsonResponse({"announced": True})


def tell(request: HttpRequest, channel_name: str) -> JsonResponse:
    """A sync view that tells one connection something."""
    RoomConsumer.send_event_sync(News(payload=request.GET["text"]), channel_name)
    return JsonResponse({"told": True})


def generated(request: HttpRequest) -> JsonResponse:
    return JsonResponse(generate_asyncapi_schema(request))


urlpatterns = [
    path("announce/<slug:room>/", announce),
    path("announce-async/<slug:room>/", announce_async),
    path("tell/<str:channel_name>/", tell),
    path("asyncapi/docs/", AsyncAPIDocsView.as_view(), name="asyncapi_docs"),
    path("asyncapi/schema/", AsyncAPISchemaView.as_view(), name="asyncapi_schema"),
    path("generated/", generated),
]
