"""The pytest plugin in runs of its own, with each of the plugins that run async tests, and with none."""

from __future__ import annotations

import sys
from textwrap import dedent

import pytest

AUTO = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")
ALONE = ("-p", "no:django", "-p", "no:asyncio", "-p", "no:anyio", "-p", "no:timeout", "-p", "no:hypothesispytest")

CONSUMER = """
from __future__ import annotations
import asyncio
from typing import Literal
import pytest
from chanspec.decorators import event_handler, ws_handler
from chanspec.messages import BaseChannelEvent, BaseMessage, PingMessage, PongMessage
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
from chanspec.testing import CapturedBroadcastEvent, WebsocketCommunicator

class News(BaseChannelEvent):
    handler: Literal["news"] = "news"
    payload: str

class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: str

class Chat(AsyncJsonWebsocketConsumer):
    groups = ["room"]

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()

    @ws_handler
    async def handle_leak(self, message: Said) -> PongMessage:
        await self.send_json({"action": "secret"})
        return PongMessage()

    @event_handler
    async def handle_news(self, event: News) -> Said:
        return Said(payload=event.payload)
"""

# What every plugin that runs async tests must be able to run. MARK is put before each test.
TESTS = """
from consumer import *

opened = []

@pytest.fixture(autouse=True)
def nothing_is_left_of_the_test_before(request):
    yield
    for communicator in opened:
        assert not communicator.is_connected
        assert communicator._transport.task.done()
        assert not communicator._transport.task.cancelled()
        assert communicator._watch.connection.hub.members == {}
    opened.clear()

MARK
async def test_with(ws_connect):
    async with ws_connect(Chat, "/ws/") as one, ws_connect(Chat.as_asgi()) as other:
        opened.extend([one, other])
        await one.send_message(PingMessage())
        assert await one.receive_message(PongMessage, timeout=20) == PongMessage()
        assert other.path == "/"

MARK
async def test_awaited_connections_are_ended(ws_connect, captured_broadcasts):
    one, other = await ws_connect(Chat, "/ws/"), await ws_connect(Chat, "/ws/")
    opened.extend([one, other])
    await Chat.broadcast_event(News(payload="new"))
    await one.settled()
    assert await other.receive_message(Said, timeout=0) == Said(payload="new")
    assert captured_broadcasts == [CapturedBroadcastEvent(News(payload="new"))]
    captured_broadcasts.suppress = True
    await Chat.broadcast_event(News(payload="newer"), ["room"])
    await one.settled()
    assert await other.receive_nothing(timeout=0)
    assert captured_broadcasts[1:] == [CapturedBroadcastEvent(News(payload="newer"), ["room"])]

MARK
async def test_nothing_is_captured_any_more():
    assert "broadcast_event" in vars(Chat.__mro__[3])
    assert not [cls for cls in Chat.__mro__ if "__chanspec_captures__" in vars(cls)]

MARK
async def test_forgets():
    communicator = WebsocketCommunicator(Chat, "/forgotten/")
    await communicator.connect()
    opened.append(communicator)

MARK
async def test_fails_and_forgets(ws_connect):
    opened.append(await ws_connect(Chat))
    raise LookupError("own")

MARK
async def test_leaks(ws_connect):
    communicator = await ws_connect(Chat)
    opened.append(communicator)
    await communicator.send_message(Said(payload=""))

class TestMethods:
    MARK
    async def test_in_a_class(self, ws_connect, connected):
        opened.append(await ws_connect(Chat))
        await connected.send_message(PingMessage())
        assert await connected.receive_message(PongMessage, timeout=20) == PongMessage()
"""

FIXTURE = '''
@FIXTURE
async def connected(ws_connect):
    """A fixture's connection lives until the fixture ends it, and is no test's to end."""
    async with WebsocketCommunicator(Chat, "/of-a-fixture/") as communicator:
        yield communicator
        await communicator.send_message(PingMessage())
        assert await communicator.receive_message(PongMessage, timeout=20) == PongMessage()
'''

MARKED = {
    "strict": (["-p", "no:anyio"], "@pytest.mark.asyncio", "import pytest_asyncio", "@pytest_asyncio.fixture"),
    "auto": (["-p", "no:anyio", *AUTO], "", "", "@pytest.fixture"),
    "anyio": (
        ["-p", "no:asyncio"],
        "@pytest.mark.anyio",
        "@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'",
        "@pytest.fixture",
    ),
    "both": ([], "@pytest.mark.asyncio", "import pytest_asyncio", "@pytest_asyncio.fixture"),
}


@pytest.mark.parametrize("mode", MARKED)
def test_async_tests_of_every_plugin(pytester: pytest.Pytester, mode: str) -> None:
    options, mark, more, fixture = MARKED[mode]
    tests = TESTS.replace("    MARK\n", f"    {mark}\n" if mark else "").replace("MARK\n", f"{mark}\n")
    pytester.makepyfile(consumer=CONSUMER, test_it="\n".join([tests, more, FIXTURE.replace("@FIXTURE", fixture)]))
    run = pytester.runpytest_subprocess("-p", "no:django", "-p", "no:randomly", *options, "-rA")
    run.assert_outcomes(passed=5, failed=2, warnings=1)
    output = run.stdout.str()
    assert "test_it.py::test_forgets left a connection open (/forgotten/); use `async with`" in output
    assert "UnclosedCommunicatorWarning" in output
    assert "FAILED test_it.py::test_fails_and_forgets - LookupError: own" in output
    assert "FAILED test_it.py::test_leaks - chanspec.testing.failures.ContractError: " in output
    assert "'secret'" in output


def test_a_warning_that_is_an_error_fails_the_test_that_forgot(pytester: pytest.Pytester) -> None:
    tests = """
        from consumer import *

        async def test_forgets():
            await WebsocketCommunicator(Chat, "/forgotten/").connect()

        async def test_goes_on():
            assert len(asyncio.all_tasks()) == 1
    """
    pytester.makepyfile(consumer=CONSUMER, test_it=dedent(tests))
    run = pytester.runpytest_subprocess("-p", "no:django", *AUTO, "-W", "error")
    run.assert_outcomes(passed=1, failed=1)
    run.stdout.fnmatch_lines("*UnclosedCommunicatorWarning: test_it.py::test_forgets left a connection open*")


def test_hypothesis_cleans_up_after_each_example(pytester: pytest.Pytester) -> None:
    tests = """
        from consumer import *
        from hypothesis import HealthCheck, given, settings, strategies

        opened = []

        @settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(strategies.integers())
        async def test_examples(ws_connect, number):
            assert not [each for each in opened if each.is_connected]
            opened.append(await ws_connect(Chat))
    """
    pytester.makepyfile(consumer=CONSUMER, test_it=dedent(tests))
    run = pytester.runpytest_subprocess("-p", "no:django", *AUTO, "-W", "error")
    run.assert_outcomes(passed=1)


def test_without_any_other_plugin_it_is_light_and_does_no_harm(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import sys
        LOADED = sorted(name for name in sys.modules if name.partition(".")[0] == "chanspec")
        OTHERS = {"pydantic", "django", "channels", "starlette", "fastapi"} & set(sys.modules)
        """
    )
    tests = """
        import pytest, sys
        from conftest import LOADED, OTHERS

        def test_a_sync_test():
            assert LOADED == ["chanspec", "chanspec.testing", "chanspec.testing.plugin"]
            assert not OTHERS
            assert not [name for name in sys.modules if name.startswith("chanspec.runtime")]

        def test_broadcasts_of_sync_code(captured_broadcasts):
            from consumer import Chat, News, CapturedBroadcastEvent
            captured_broadcasts.suppress = True
            Chat.broadcast_event_sync(News(payload="x"), "room")
            assert captured_broadcasts == [CapturedBroadcastEvent(News(payload="x"), "room")]
            assert not {"django", "channels", "fastapi"} & set(sys.modules)

        def test_a_sync_test_with_a_loop_of_its_own(ws_connect):
            import asyncio
            from consumer import Chat

            loop = asyncio.new_event_loop()
            async def connect():
                return await ws_connect(Chat)
            communicator = loop.run_until_complete(connect())
            sys.kept = communicator, loop

        def test_nothing_is_left_of_it():
            communicator, loop = sys.kept
            assert communicator._transport.task.done() and not communicator._transport.task.cancelled()
            loop.close()

        async def test_async():
            pass
    """
    pytester.makepyfile(consumer=CONSUMER, test_it=dedent(tests))
    run = pytester.runpytest_subprocess(*ALONE, "-W", "error")
    run.assert_outcomes(passed=4, failed=1)
    run.stdout.fnmatch_lines("*async def functions are not natively supported*")


def test_trio_and_other_mistakes_are_named(pytester: pytest.Pytester) -> None:
    tests = """
        from consumer import *

        async def test_no_application(ws_connect):
            with pytest.raises(TypeError, match="takes an ASGI application or a consumer class first"):
                ws_connect("/ws/")

        @pytest.mark.asyncio
        async def test_no_await(ws_connect):
            with pytest.raises(AttributeError, match="write `communicator = await ws_connect"):
                await ws_connect(Chat).send_message(PingMessage())

        def test_no_loop(ws_connect):
            connecting = ws_connect(Chat)
            with pytest.raises(RuntimeError, match="use its asyncio backend"):
                connecting.__await__().send(None)
    """
    pytester.makepyfile(consumer=CONSUMER, test_it=dedent(tests))
    run = pytester.runpytest_subprocess("-p", "no:django", *AUTO, "-W", "error")
    run.assert_outcomes(passed=3)


def test_messages_that_are_not_equal_are_shown_as_a_diff(pytester: pytest.Pytester) -> None:
    tests = """
        from consumer import *

        def test_one():
            assert Said(payload="rain") == Said(payload="sun")

        def test_several():
            assert [Said(payload="rain")] == [PongMessage()]

        def test_others():
            assert [1] == [2]
    """
    pytester.makepyfile(consumer=CONSUMER, test_it=dedent(tests))
    run = pytester.runpytest_subprocess("-p", "no:django", "-p", "no:asyncio", "-p", "no:anyio", "-vv")
    run.assert_outcomes(failed=3)
    run.stdout.fnmatch_lines(
        [
            "E  *assert Said == Said",
            'E  *  -   "payload": "sun"',
            'E  *  +   "payload": "rain"',
            "E  *assert [[]1 message[]] == [[]1 message[]]",
            "E  *  - PongMessage *",
            "E  *  + Said *",
            "E  *At index 0 diff: 1 != 2",
        ]
    )


PATIENCE = """
from chanspec.testing import WebsocketCommunicator
WebsocketCommunicator.timeout = 20  # this machine may be busy
"""

SETTINGS = """
SECRET_KEY = "tests"
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "channels", "chanspec.channels"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
ASGI_APPLICATION = "project_asgi.application"
USE_TZ = True
"""

PROJECT = """
from __future__ import annotations
import django
django.setup()
from channels.generic.websocket import AsyncJsonWebsocketConsumer as Plain
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path
from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage

class Users(AsyncJsonWebsocketConsumer):
    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        from django.contrib.auth.models import User
        await User.objects.acreate(username="made")
        return PongMessage()

class Echo(Plain):
    async def receive_json(self, content, **kwargs):
        await self.channel_layer.send(self.channel_name, {"type": "echo", "content": content})

    async def echo(self, event):
        await self.send_json(event["content"])

application = ProtocolTypeRouter({"websocket": URLRouter([
    path("users/", Users.as_asgi()), path("echo/", Echo.as_asgi()),
])})
"""

DJANGO_TESTS = """
import pytest
from chanspec.channels.testing import DjangoWebsocketCommunicator, WebsocketTestCase
from chanspec.messages import PingMessage, PongMessage

@MARK
@pytest.mark.django_db(transaction=True)
async def test_the_projects_own_application(ws_connect):
    from django.contrib.auth.models import User
    communicator = await ws_connect("/users/")
    assert type(communicator) is DjangoWebsocketCommunicator
    await communicator.send_message(PingMessage())
    assert await communicator.receive_message(PongMessage, timeout=20) == PongMessage()
    assert await User.objects.acount() == 1

@MARK
@pytest.mark.django_db(transaction=True)
async def test_channels_own_consumers_settle(ws_connect):
    async with ws_connect("/echo/") as communicator:
        await communicator.send_json_to({"a": 1})
        await communicator.settled()
        assert await communicator.receive_json_from(timeout=0) == {"a": 1}

class TestCase(WebsocketTestCase):
    ws_path = "/users/"

    async def test_case(self):
        from django.contrib.auth.models import User
        async with self.auth_communicator as communicator:
            await communicator.send_message(PingMessage())
            assert await communicator.receive_all_messages(timeout=20) == [PongMessage()]
            assert await User.objects.acount() == 1

    async def test_forgets(self):
        await self.auth_communicator.connect()

@MARK
@pytest.mark.django_db(transaction=True)
async def test_the_database_is_empty_again():
    from django.contrib.auth.models import User
    assert await User.objects.acount() == 0
"""


@pytest.mark.parametrize("mode", ["asyncio", "anyio"])
def test_pytest_django(pytester: pytest.Pytester, mode: str) -> None:
    tests = DJANGO_TESTS.replace("MARK", f"pytest.mark.{mode}")
    backend = PATIENCE + "import pytest\n@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n"
    pytester.makeconftest(backend if mode == "anyio" else PATIENCE)
    pytester.makepyfile(project_settings=SETTINGS, project_asgi=PROJECT, test_it=tests)
    options = ("-p", "no:asyncio") if mode == "anyio" else ()
    run = pytester.runpytest_subprocess("--ds", "project_settings", "-o", "pythonpath=.", *options)
    run.assert_outcomes(passed=5, warnings=1)
    run.stdout.fnmatch_lines(
        "*UnclosedCommunicatorWarning: test_it.TestCase.test_forgets left a connection open (/users/)*"
    )


def test_django_s_own_runner(pytester: pytest.Pytester) -> None:
    tests = DJANGO_TESTS[DJANGO_TESTS.index("class TestCase") : DJANGO_TESTS.rindex("@MARK")]
    imports = "from chanspec.channels.testing import WebsocketTestCase\n"
    imports += "from chanspec.messages import PingMessage, PongMessage\n\n"
    # It knows no conftest.
    pytester.makepyfile(project_settings=SETTINGS, project_asgi=PROJECT + PATIENCE, test_it=imports + tests)
    command = [
        "-m",
        "django",
        "test",
        "--settings",
        "project_settings",
        "--pythonpath",
        ".",
        "--parallel",
        "2",
        "test_it",
    ]
    run = pytester.run(sys.executable, *command)
    assert run.ret == 0, run.stderr.str()
    assert "UnclosedCommunicatorWarning: test_it.TestCase.test_forgets left a connection open" in run.stderr.str()
