"""What the two replaced systems take by position, ours take in the same order, or refuse; and by the same names."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from channels_spectacular.generator import AsyncAPIGenerator as SpectacularGenerator

from chanspec import decorators
from chanspec.asyncapi import AsyncAPIGenerator
from chanspec.channels import testing as on_channels
from chanspec.channels import views as django_views
from chanspec.channels.authenticator import DjangoAuthenticator
from chanspec.channels.utils.asgi import get_websocket_application
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.starlette import views as starlette_views

TEXTS = "summary description"
COMMUNICATOR = "application path headers subprotocols spec_version"

REFERENCE: list[tuple[Callable[..., Any], str]] = [
    (decorators.document_action, f"{TEXTS} payload responses tags action deprecated"),
    (decorators.document_event, f"event_type {TEXTS} payload tags deprecated"),
    (decorators.channel, "name description tags"),
    (decorators.ws_handler, f"func action input_type output_type {TEXTS} tags"),
    (decorators.event_handler, f"func input_type output_type {TEXTS} tags"),
    (AsyncAPIGenerator, "consumer info servers channel_path"),
    (SpectacularGenerator, "consumer_class info servers channel_path"),
    (django_views.generate_asyncapi_schema, "request"),
    (starlette_views.asyncapi_docs, "request app config"),
    (starlette_views.asyncapi_spec_json, "request app config"),
    (starlette_views.asyncapi_spec_yaml, "request app config"),
    (DjangoAuthenticator, "send_message"),
    (on_channels.DjangoWebsocketCommunicator, f"{COMMUNICATOR} consumer"),
    (on_channels.DjangoWebsocketCommunicator.connect, "self timeout"),
    (on_channels.DjangoWebsocketCommunicator.assert_authenticated_status_ok, "self max_auth_time"),
    (
        on_channels.DjangoWebsocketCommunicator.wait_for_auth,
        "self send_authentication_message max_auth_time after_auth_time",
    ),
    (on_channels.WebsocketTestCase.create_communicator, "self router ws_path headers subprotocols"),
    (get_websocket_application, ""),
    (AsyncJsonWebsocketConsumer.send_event, "event channel_name"),
    (AsyncJsonWebsocketConsumer.send_event_sync, "event channel_name"),
    (AsyncJsonWebsocketConsumer.broadcast_event, "event groups"),
    (AsyncJsonWebsocketConsumer.broadcast_event_sync, "event groups"),
    (AsyncJsonWebsocketConsumer.broadcast_message, "self message groups exclude_current"),
]


@pytest.mark.parametrize(("ours", "theirs"), REFERENCE, ids=lambda each: getattr(each, "__qualname__", ""))
def test_arguments_by_position_mean_what_they_mean_in_the_reference(ours: Callable[..., Any], theirs: str) -> None:
    parameters = inspect.signature(ours).parameters
    named = theirs.split()
    assert set(named) <= set(parameters)
    # What only has a name is a TypeError by position: loud, not another thing.
    by_position = [
        name for name, each in parameters.items() if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    assert named[: len(by_position)] == by_position[: len(named)]
