"""The README's quick starts, taken from the README as they stand and run as a newcomer would."""

from __future__ import annotations

import os
import re
import shlex
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

from tests.ports import reserved_port

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
START_SECONDS = 60
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}


def blocks(name: str) -> list[str]:
    """The Python blocks whose first line names a file."""
    found = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    return [block for block in found if block.startswith(f"# {name}\n")]


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run(folder: Path, *begins: str) -> None:
    """Run the README's commands that begin with one of these words, in their order."""
    commands = re.findall(r"^\$ ((?:django-admin|python manage\.py) .*)$", README, re.MULTILINE)
    chosen = [command for command in commands if command.startswith(begins)]
    assert [begin for begin in begins if not any(command.startswith(begin) for command in chosen)] == []
    for command in chosen:
        program, *words = shlex.split(command, comments=True)
        python = [sys.executable, "-m", "django"] if program == "django-admin" else [sys.executable]
        ended = subprocess.run(
            [*python, *words], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}"


def django_project(folder: Path, consumers: str) -> Path:
    """A project that is made in an empty folder as the README says."""
    run(folder, "django-admin", "python manage.py startapp")
    settings = (folder / "myproject/settings.py").read_text()
    write(folder, "myproject/settings.py", settings + blocks("myproject/settings.py, at the end")[0])
    write(folder, "myproject/asgi.py", blocks("myproject/asgi.py")[0])
    write(folder, "myproject/urls.py", blocks("myproject/urls.py")[0])
    write(folder, "chat/consumers.py", consumers)
    run(folder, "python manage.py migrate")
    return folder


@contextmanager
def served(folder: Path, application: str) -> Iterator[str]:
    """The host and port of a server that runs in ``folder``."""
    with reserved_port() as port:
        yield from _served(folder, application, port)


def _served(folder: Path, application: str, port: int) -> Iterator[str]:
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
        process.wait(timeout=START_SECONDS)


def document(netloc: str) -> dict:
    with DIRECTLY.open(f"http://{netloc}/ws-docs/asyncapi.yaml", timeout=START_SECONDS) as answer:
        return yaml.safe_load(answer.read())


async def talk(netloc: str, path: str) -> None:
    """Two clients: one asks whether the server is there, and says something that both hear."""
    url, origin = f"ws://{netloc}{path}", f"http://{netloc}"
    async with connect(url, origin=origin, proxy=None) as one, connect(url, origin=origin, proxy=None) as other:
        await one.send('{"action": "ping"}')
        assert await one.recv() == '{"action":"pong","payload":null}'
        await one.send('{"action": "say", "payload": "hello"}')
        said = '{"action":"said","payload":"hello"}'
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
        await talk(netloc, "/ws/chat")
        found = document(netloc)
    official_parser.check(found)
    assert found["channels"]["chat"]["address"] == "/ws/chat"


async def test_a_described_consumer_and_its_export(tmp_path: Path, official_parser) -> None:
    project = django_project(tmp_path, blocks("chat/consumers.py")[1])
    with served(project, "myproject.asgi:application") as netloc:
        async with connect(f"ws://{netloc}/ws/chat/", origin=f"http://{netloc}", proxy=None) as client:
            await client.send('{"action": "say", "text": "hello"}')
            assert await client.recv() == '{"type": "message.new", "text": "hello"}'
        found = document(netloc)
    official_parser.check(found)
    assert found["operations"].keys() == {"say", "message_new"}

    run(project, "python manage.py export_asyncapi")
    exported = yaml.safe_load((project / "asyncapi.yaml").read_text())
    assert exported["operations"] == found["operations"]


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_every_python_block_is_python(block: str) -> None:
    compile(block, "README.md", "exec")
