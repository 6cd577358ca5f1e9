"""Every code block of docs/how-to/testing.md, taken from it as it stands and run as a reader would."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from chanspec.testing import ReceiveError, WebsocketCommunicator

PAGE = (Path(__file__).parents[2] / "docs/how-to/testing.md").read_text(encoding="utf-8")
BLOCKS = {
    block.partition("\n")[0].removeprefix("# "): block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
}
ON_DJANGO = ("chat/tests.py", "chat/test_with_pytest.py")

SETTINGS = """
SECRET_KEY = "tests"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "channels",
    "chanspec.channels", "chat",
]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
ASGI_APPLICATION = "asgi.application"
"""

ASGI = """
import django
django.setup()
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path
from rest_framework.permissions import IsAuthenticated
from chanspec.channels.authenticator import DjangoAuthenticator
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage

class Authenticator(DjangoAuthenticator):
    permission_classes = [IsAuthenticated]

class ChatConsumer(AsyncJsonWebsocketConsumer):
    authenticator_class = Authenticator

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

router = AuthMiddlewareStack(URLRouter([path("ws/chat/", ChatConsumer.as_asgi())]))
application = ProtocolTypeRouter({"websocket": router})
"""


PATIENCE = """
from chanspec.testing import WebsocketCommunicator
WebsocketCommunicator.timeout = 20  # this machine may be busy
"""


@pytest.fixture(autouse=True)
def patient(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(PATIENCE)


def test_every_block_names_its_file_and_is_run_below() -> None:
    assert len(BLOCKS) == PAGE.count("```python") == 7
    assert all(name.endswith(".py") for name in BLOCKS)


def test_the_blocks_for_fastapi(pytester: pytest.Pytester) -> None:
    for name, block in BLOCKS.items():
        if name not in ON_DJANGO:
            (pytester.path / name).write_text(block, encoding="utf-8")
    run = pytester.runpytest_subprocess("-p", "no:django", "-o", "pythonpath=.")
    run.assert_outcomes(passed=7)


def project(pytester: pytest.Pytester) -> None:
    (pytester.mkpydir("chat") / "__init__.py").touch()
    pytester.makepyfile(settings=SETTINGS, asgi=ASGI + PATIENCE)  # Django's runner knows no conftest
    for name in ON_DJANGO:
        (pytester.path / name).write_text(BLOCKS[name], encoding="utf-8")


def test_the_blocks_for_django_with_pytest(pytester: pytest.Pytester) -> None:
    project(pytester)
    run = pytester.runpytest_subprocess(
        "--ds", "settings", "-o", "pythonpath=.", *(str(Path(each)) for each in ON_DJANGO)
    )
    run.assert_outcomes(passed=3)


def test_the_test_case_with_djangos_runner(pytester: pytest.Pytester) -> None:
    project(pytester)
    run = pytester.run(
        sys.executable,
        "-W",
        "error::UserWarning",
        "-m",
        "django",
        "test",
        "--settings=settings",
        "--pythonpath=.",
        "chat.tests",
    )
    assert run.ret == 0, run.stderr.str()


async def test_the_failure_that_is_shown_is_what_it_says() -> None:
    namespace: dict[str, object] = {"__name__": "chat"}
    exec(compile(BLOCKS["chat.py"], "chat.py", "exec", dont_inherit=True), namespace)
    async with WebsocketCommunicator(namespace["app"], "/ws/7/chat", timeout=20) as communicator:
        await communicator.send_json_to({"action": "say", "payload": 7})
        with pytest.raises(ReceiveError) as caught:
            await communicator.receive_message(namespace["Said"])
    [shown] = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    assert str(caught.value) == shown.rstrip("\n")
