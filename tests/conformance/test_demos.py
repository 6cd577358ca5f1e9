"""Both examples keep their documents, as they are really served; told not to, they are found out."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.chat.conftest import chat  # noqa: F401 - a fixture
from tests.demo.conftest import Connect, Demo, connected, demo, document, seen  # noqa: F401 - fixtures
from tests.demo.test_chat import accepted_ride

CHAT_DOCUMENT = "/ws-docs/asyncapi.json"
DISPATCH_DOCUMENT = "/ws-docs/asyncapi.yaml?format=json"
pytestmark = pytest.mark.timeout(600)
DRIFT = pytest.param({"DEMO_DRIFT": "1"}, id="drift")


def conform(target: str, *arguments: str) -> tuple[int, str]:
    """The exit code and output of the command, for a server with a few messages an action."""
    patience = ["--reply-timeout", "30", "--max-seconds", "240"]
    command = [sys.executable, "-m", "chanspec", "conform", target, "--seed", "11", *patience, *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    ran = subprocess.run(command, capture_output=True, text=True, timeout=280, env=environment, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def figures(output: str) -> list[int]:
    """How many messages, actions and channels a run had."""
    found = re.search(r"(\d+) messages to (\d+) actions? of (\d+) channels?", output)
    assert found is not None, output
    return [int(each) for each in found.groups()]


def test_the_chat_keeps_its_document(chat: str) -> None:  # noqa: F811
    arguments = ["--path", "room_id=conform", "--query", "name=Ada", "--max-examples", "12"]
    code, output = conform(f"{chat}{CHAT_DOCUMENT}", *arguments)
    assert code == 0, output
    assert figures(output)[1:] == [5, 1]


@pytest.mark.parametrize("chat", [DRIFT], indirect=True)
def test_a_drift_of_the_chat_is_found(chat: str) -> None:  # noqa: F811
    arguments = ["--path", "room_id=conform", "--query", "name=Ada", "--max-examples", "4", "--action", "demo_drift"]
    code, output = conform(f"{chat}{CHAT_DOCUMENT}", *arguments)
    assert code == 1
    assert re.search(r"^wrong message: room, demo_drift$", output, re.MULTILINE), output


async def test_dispatch_keeps_its_document(
    demo: Demo,  # noqa: F811
    connected: Connect,  # noqa: F811
) -> None:
    session = (await asyncio.to_thread(demo.browser, "rider")).cookie_header
    driver = await asyncio.to_thread(demo.token_of, "driver")
    url = f"{demo.url}{DISPATCH_DOCUMENT}"
    cookie = next(each for each in session.split("; ") if each.startswith("sessionid="))

    whose: list[Any] = [
        ["--cookie", cookie, "--max-examples", "16"],
        ["--query", f"token={driver}", "--max-examples", "6"],
    ]
    for credentials in whose:
        code, output = await asyncio.to_thread(conform, url, *credentials, "--exclude", "ride_chat")
        assert code == 0, output
        assert figures(output)[1:] == [9, 2]

    async with accepted_ride(demo, connected, driver) as ride_id:
        arguments = [
            "--cookie",
            cookie,
            "--channel",
            "ride_chat",
            "--path",
            f"ride_id={ride_id}",
            "--max-examples",
            "12",
        ]
        code, output = await asyncio.to_thread(conform, url, *arguments)
    assert code == 0, output
    assert figures(output)[1:] == [5, 1]


@pytest.mark.parametrize("demo", [DRIFT], indirect=True)
def test_a_drift_of_dispatch_is_found(demo: Demo) -> None:  # noqa: F811
    arguments = ["--query", f"token={demo.token}", "--action", "demo_drift", "--max-examples", "4"]
    code, output = conform(f"{demo.url}{DISPATCH_DOCUMENT}", *arguments)
    assert code == 1
    assert re.search(r"^wrong message: dispatch, demo_drift$", output, re.MULTILINE), output
