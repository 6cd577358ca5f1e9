"""The examples in the docstrings of public names run, each in a process of its own, with what they take for granted."""

from __future__ import annotations

import doctest
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.runner import Runner
from tests.docs.test_reference import ENTRIES, method_of

TAKEN_FOR_GRANTED = """
from types import SimpleNamespace
from typing import Literal

from channels.routing import ProtocolTypeRouter, URLRouter
from django.contrib.auth.models import Group as Room
from django.urls import path
from fastapi import FastAPI, WebSocket
from pydantic import BaseModel
from rest_framework.permissions import IsAuthenticated
from starlette.routing import WebSocketRoute

from chanspec.asyncapi import AsyncAPIGenerator
from chanspec.decorators import channel, document_action, document_event, event_handler, ws_handler
from chanspec.enforcement import ContractMiddleware
from chanspec.messages import BaseChannelEvent, BaseMessage, PingMessage, PongMessage
from chanspec.runtime.authenticator import BaseAuthenticator, Credential
from chanspec.runtime.layers import register_layer
from chanspec.starlette.docs import AsyncAPIDocs
from chanspec.starlette.origin import OriginValidator
from chanspec.starlette.settings import configure
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from chanspec.testing import CapturedBroadcastEvent, WebsocketCommunicator, capture_broadcast_events


class ChatPayload(BaseModel):
    text: str


class UserPayload(BaseModel):
    name: str


class CancelPayload(BaseModel):
    number: int


class Say(BaseMessage):
    action: Literal["say"] = "say"
    payload: str


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: str


class JobStatus(BaseMessage):
    action: Literal["job_status"] = "job_status"
    payload: int


class JobDone(BaseChannelEvent):
    handler: Literal["job_done"] = "job_done"
    payload: int


class NewsEvent(BaseChannelEvent):
    handler: Literal["news"] = "news"
    payload: str


class NewPost(BaseChannelEvent):
    handler: Literal["new_post"] = "new_post"
    payload: int


class Anybody(BaseAuthenticator):
    async def authenticate(self) -> bool:
        return True


class ChatConsumer(AsyncJsonWebsocketConsumer):
    authenticator_class = Anybody
    send_authentication_message = False

    @ws_handler
    async def handle_say(self, message: Say) -> Said:
        return Said(payload=message.payload)

    @event_handler
    async def handle_news(self, event: NewsEvent) -> Said:
        return Said(payload=event.payload)

    @event_handler
    async def handle_post(self, event: NewPost) -> Said:
        return Said(payload=str(event.payload))


async def user_of(token: str) -> str:
    return token


DispatchConsumer = ChatConsumer
app = FastAPI(routes=[WebSocketRoute("/ws/chat/", ChatConsumer.as_asgi())])
client = SimpleNamespace(post=lambda path: ChatConsumer.broadcast_event_sync(NewPost(payload=1), groups=["feed"]))
"""

PLAIN = "from channels.generic.websocket import AsyncJsonWebsocketConsumer\n"
TYPED = "from chanspec.channels.websocket import AsyncJsonWebsocketConsumer\n"
OF_MODULES = {
    "chanspec.channels.dispatch": PLAIN,
    "chanspec.runtime.interop": PLAIN,
    "chanspec.channels.websocket": TYPED,
    "chanspec.channels.testing.communicator": TYPED
    + """

class Ponging(AsyncJsonWebsocketConsumer):
    authenticator_class = Anybody

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


application = URLRouter([path("ws/chat/", Ponging.as_asgi())])
""",
}
"""What examples of a module take for granted besides."""


SETTINGS = """
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "channels", "chanspec.channels"]
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
SECRET_KEY = "for the examples only"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Django project that has nothing but settings."""
    made = tmp_path_factory.mktemp("examples")
    (made / "site_of_examples").mkdir()
    (made / "site_of_examples/settings.py").write_text(SETTINGS)
    return made


def examples_in(doc: str) -> str:
    """The code of a docstring's examples; where one shows a value, it is compared."""
    text = inspect.cleandoc(doc)
    found: list[str] = []
    for example in doctest.DocTestParser().get_examples(text):
        is_compared = bool(example.want)
        source = example.source
        found.append(f"assert repr({source.strip()}) == {example.want.strip()!r}\n" if is_compared else source)
    found += [textwrap.dedent(block) for block in re.findall(r"::\n\n((?: {4}.*\n?|\n)+)", text)]
    return "\n".join(found)


def examples() -> Iterator[Any]:
    """Name, value and code of everything that the reference shows with an example."""
    for name, entry in ENTRIES.items():
        if entry.value is None or not (inspect.isclass(entry.value) or inspect.isfunction(entry.value)):
            continue
        docs = {name: entry.value.__doc__ or ""}
        docs |= {f"{name}.{member}": method_of(entry.value, member).__doc__ or "" for member in entry.members}
        for dotted, doc in docs.items():
            code = examples_in(doc)
            if code:
                yield pytest.param(entry.value, code, id=dotted)


@pytest.mark.parametrize(("value", "code"), list(examples()))
def test_examples_in_docstrings_run(value: Any, code: str, runner: Runner, folder: Path) -> None:
    own = f"from {value.__module__} import {value.__name__}\n"
    given = TAKEN_FOR_GRANTED + OF_MODULES.get(value.__module__, "") + own
    steps = [
        {"code": given, "where": "what is taken for granted:1"},
        {"code": code, "where": f"{value.__qualname__}:1"},
    ]
    done, output = runner.run(folder, "python", steps=steps)
    assert done == 0, output
