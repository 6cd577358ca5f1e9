"""`chanspec check`, on FastAPI and on Django."""

from __future__ import annotations

from pathlib import Path

import pytest

from chanspec.cli import main

APP = """
from typing import Literal

from channels.generic.websocket import AsyncJsonWebsocketConsumer as OfChannels
from fastapi import FastAPI
from starlette.routing import WebSocketRoute

from chanspec import BaseMessage, PingMessage, PongMessage, document_action, ws_handler
from chanspec.fastapi import AsyncJsonWebsocketConsumer


class Left(BaseMessage):
    action: Literal["left"] = "left"


class Fine(AsyncJsonWebsocketConsumer):
    groups = ["news"]

    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


class Sends(Fine):
    async def disconnect(self, code):
        await self.broadcast_message(Left())


class Elsewhere(Fine):
    channel_layer_alias = "elsewhere"


class Alone(Elsewhere):
    groups = []


class Described(OfChannels):
    @document_action(summary="Order something")
    async def handle_order(self, content): ...


fine = FastAPI(routes=[WebSocketRoute("/ws", Fine.as_asgi()), WebSocketRoute("/class", Fine)])
fine.websocket("/its-own")(Fine)
nothing = FastAPI()
sends = FastAPI(routes=[WebSocketRoute("/ws", Sends.as_asgi())])
wrong = FastAPI(routes=[WebSocketRoute("/ws", Described), WebSocketRoute("/elsewhere", Elsewhere.as_asgi())])
wrong.websocket("/alone")(Alone.as_asgi())
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "checked_app.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("arguments", "code", "lines"),
    [
        (["fine"], 0, ["no errors, no warnings"]),
        (["nothing"], 0, ["warning: no consumer is routed", "no errors, 1 warning"]),
        (["sends"], 0, ["warning: checked_app:Sends.disconnect (line ", "no errors, 1 warning"]),
        (["sends", "--fail-on-warn"], 1, ["warning: checked_app:Sends.disconnect (line ", "no errors, 1 warning"]),
        (
            ["wrong"],
            1,
            [
                "error: checked_app:Described: the class itself is routed at '/ws', which does not serve; write Descr",
                "error: checked_app:Elsewhere: has the groups 'news', and there is no channel layer 'elsewhere'",
                "error: checked_app:Alone: has no channel layer 'elsewhere' (UnknownLayerError: ",
                "3 errors, no warnings",
            ],
        ),
        (["missing"], 2, ["chanspec check: error: checked_app has no 'missing'"]),
    ],
)
def test_what_it_says_of_an_application(
    arguments: list[str], code: int, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, *options = arguments
    assert main(["check", f"checked_app:{name}", *options]) == code
    said = capsys.readouterr().err.splitlines()
    assert len(said) == len(lines)
    assert all(line.startswith(start) for line, start in zip(said, lines, strict=True))


def test_in_a_django_project_it_says_what_its_checks_say(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
    assert main(["check", "tests.django.test_checks:sends"]) == 0
    first, *_, last = capsys.readouterr().err.splitlines()
    assert "tests.django.test_checks:Sends.disconnect (line " in first
    assert first.endswith(
        " sends Left, which no handler declares. Name it in a handler, as @ws_handler(output_type=Left)."
    )
    assert last == "no errors, 1 warning"
