"""The README's quick starts, taken from the README as they stand and run as a newcomer would."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from websockets.asyncio.client import connect

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
START_SECONDS = 60

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}


def blocks(name: str) -> list[str]:
    """The Python blocks whose first line names a file."""
    found = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    return [block for block in found if block.startswith(f"# {name}\n")]


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def django_project(folder: Path, consumers: str) -> Path:
    """What ``django-admin startproject`` makes, changed as the README says."""
    command = [sys.executable, "-m", "django", "startproject", "myproject", str(folder)]
    subprocess.run(command, check=True, env=ENVIRONMENT)
    settings = (folder / "myproject/settings.py").read_text()
    [told] = blocks("myproject/settings.py")
    own = re.search(r"INSTALLED_APPS = \[.*?\n\]\n", settings, re.DOTALL)
    assert own
    merged = "_own_apps = INSTALLED_APPS\n" + told + "INSTALLED_APPS += _own_apps\n"
    write(folder, "myproject/settings.py", settings + merged)
    write(folder, "myproject/asgi.py", blocks("myproject/asgi.py")[0])
    write(folder, "myproject/urls.py", blocks("myproject/urls.py")[0])
    write(folder, "chat/__init__.py", "")
    write(folder, "chat/consumers.py", consumers)
    return folder


@contextmanager
def served(folder: Path, application: str) -> Iterator[str]:
    """The host and port of a server that runs in ``folder``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server does not answer"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def run(project: Path, command: str) -> None:
    """Run a command of ``manage.py``."""
    words = [sys.executable, "manage.py", *command.split()]
    ended = subprocess.run(words, cwd=project, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def document(netloc: str) -> dict:
    with urllib.request.urlopen(f"http://{netloc}/ws-docs/asyncapi.yaml", timeout=10) as answer:
        return yaml.safe_load(answer.read())


async def talk(netloc: str, path: str) -> None:
    """Two clients: one asks whether the server is there, and says something that both hear."""
    url, origin = f"ws://{netloc}{path}", f"http://{netloc}"
    async with connect(url, origin=origin) as one, connect(url, origin=origin) as other:
        await one.send('{"action": "ping"}')
        assert await one.recv() == '{"action":"pong","payload":null}'
        await one.send('{"action": "say", "payload": {"text": "hello"}}')
        said = '{"action":"said","payload":{"text":"hello"}}'
        assert (await one.recv(), await other.recv()) == (said, said)


async def test_typed_consumers_on_django(tmp_path: Path, official_parser) -> None:
    with served(django_project(tmp_path, blocks("chat/consumers.py")[0]), "myproject.asgi:application") as netloc:
        await talk(netloc, "/ws/chat/")
        found = document(netloc)
    official_parser.check(found)
    assert found["channels"]["chat"]["address"] == "/ws/chat/"
    assert {"ping", "say"} <= found["operations"].keys()


async def test_typed_consumers_on_fastapi(tmp_path: Path, official_parser) -> None:
    write(tmp_path, "main.py", blocks("main.py")[0])
    with served(tmp_path, "main:app") as netloc:
        await talk(netloc, "/ws/7/chat")
        found = document(netloc)
    official_parser.check(found)
    assert found["channels"]["chat"]["address"] == "/ws/{room_id}/chat"


async def test_a_described_consumer_and_its_export(tmp_path: Path, official_parser) -> None:
    project = django_project(tmp_path, blocks("chat/consumers.py")[1])
    with served(project, "myproject.asgi:application") as netloc:
        async with connect(f"ws://{netloc}/ws/chat/", origin=f"http://{netloc}") as client:
            await client.send('{"action": "say", "text": "hello"}')
            assert await client.recv() == '{"type": "message.new", "text": "hello"}'
        found = document(netloc)
    official_parser.check(found)
    assert found["operations"].keys() == {"say", "message_new"}

    commands = re.findall(r"^\$ python manage\.py (export_asyncapi [^#\n]*)", README, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        run(project, command)
    exported = yaml.safe_load((project / "docs/asyncapi.yaml").read_text())
    assert exported["operations"] == found["operations"]


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_every_python_block_is_python(block: str) -> None:
    compile(block, "README.md", "exec")
