"""The planted consumers as applications, on each framework."""

from __future__ import annotations

from typing import Any

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer as ChannelsConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path
from fast_channels.consumer.websocket import AsyncJsonWebsocketConsumer as FastChannelsConsumer
from fastapi import FastAPI
from starlette.routing import WebSocketRoute

from chanspec.channels.websocket import AsyncJsonWebsocketConsumer as DjangoConsumer
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer as StarletteConsumer
from tests.conformance.planted import annotated, typed
from tests.conformance.planted.registry import Planted


def django_app(consumer: Any) -> Any:
    return ProtocolTypeRouter({"websocket": URLRouter([path("ws/shop/", consumer.as_asgi())])})


def fastapi_app(consumer: Any) -> Any:
    return FastAPI(routes=[WebSocketRoute("/ws/shop/", consumer.as_asgi())])


SORTS = {
    "django-typed": (typed.planted, DjangoConsumer, django_app),
    "fastapi-typed": (typed.planted, StarletteConsumer, fastapi_app),
    "django-annotated": (annotated.planted, ChannelsConsumer, django_app),
    "fastapi-annotated": (annotated.planted, FastChannelsConsumer, fastapi_app),
}
# Each drift on one framework, and of each sort some on the other.
SOME = {
    "django-typed": {"nothing", "undocumented_event", "crash_on_zero", "closes_on_invalid"},
    "fastapi-annotated": {"nothing", "crash_on_malformed_json", "no_reply"},
}
CASES = [
    (sort, each)
    for sort, (planted, _, _) in SORTS.items()
    for each in planted.values()
    if each.name in SOME.get(sort, planted)
]


def app_of(sort: str, planted: Planted) -> Any:
    """The application that serves a planted consumer at /ws/shop/."""
    _, base, app = SORTS[sort]
    return app(planted.plant(base))


@pytest.fixture(params=CASES, ids=[f"{sort}-{each.name}" for sort, each in CASES])
def case(request: pytest.FixtureRequest) -> tuple[str, Planted]:
    param: tuple[str, Planted] = request.param
    return param
