"""What is published: the sdist and the wheel, as somebody gets them who has neither Node nor this repository."""

from __future__ import annotations

import email
import email.message
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import tomllib
import urllib.error
import urllib.parse
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

import chanspec
from tests.ports import reserved_port

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PAGE = "chanspec/channels/static/chanspec/"
WHEEL_BYTES = 2 * 1024 * 1024
START_SECONDS = 60
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))

SERVED = """
from fastapi import FastAPI
from starlette.routing import WebSocketRoute

from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.starlette.docs import AsyncAPIDocs
from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer


class Consumer(AsyncJsonWebsocketConsumer):
    @ws_handler
    async def ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


app = FastAPI(routes=[WebSocketRoute("/ws", Consumer.as_asgi())])
app.mount("/ws-docs", AsyncAPIDocs(title="Installed"))
"""


def run(*command: str | Path, cwd: Path = ROOT, **more: object) -> str:
    """A command's output; the test fails with it where the command does."""
    done = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, text=True, check=False, **more)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def without_node(folder: Path) -> dict[str, str]:
    """An environment whose PATH has no Node.js: a folder with the tools that Python needs, and nothing else."""
    folder.mkdir()
    for tool in ("python3", "sh", "cat", "ls", "uname"):
        if found := shutil.which(tool):
            (folder / tool).symlink_to(found)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PYTHON", "VIRTUAL_"))}
    return {**kept, "PATH": str(folder)}


def requirements_of(extra: str) -> set[str]:
    """What an extra installs, beside chanspec itself; one may name others."""
    found = set()
    for requirement in PROJECT["optional-dependencies"][extra]:
        if own := re.fullmatch(r"chanspec\[(.+)\]", requirement):
            found |= {each for name in own[1].split(",") for each in requirements_of(name)}
        else:
            found.add(requirement)
    return found


def test_the_documentation_s_requirements_are_those_of_its_extra() -> None:
    lines = (ROOT / "docs/requirements.txt").read_text().splitlines()
    listed = [line for line in lines if not line.startswith("#")]
    assert set(listed) == requirements_of("docs") | set(PROJECT["dependencies"])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, built_page: None) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-d", folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    [wheel] = built.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def sdist(built: Path) -> Path:
    [sdist] = built.glob("*.tar.gz")
    return sdist


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def metadata(wheel: Path) -> email.message.Message:
    [name] = [name for name in contents(wheel) if name.endswith(".dist-info/METADATA")]
    return email.message_from_bytes(contents(wheel)[name])


def test_the_wheel_is_pure_small_and_has_the_page_and_the_types(wheel: Path) -> None:
    assert wheel.name == f"chanspec-{chanspec.__version__}-py3-none-any.whl"
    assert wheel.stat().st_size <= WHEEL_BYTES
    names = contents(wheel).keys()
    page = ("boot.js", "docs.js", "docs.css", "try.js", "try.css", "icon.svg", "LICENSES.txt")
    assert {PAGE + name for name in page} | {"chanspec/py.typed"} <= names
    packages = {name.partition("/")[0] for name in names}
    assert packages == {"chanspec", f"chanspec-{chanspec.__version__}.dist-info"}


def test_the_metadata_is_complete(wheel: Path) -> None:
    told = metadata(wheel)
    assert told["Version"] == chanspec.__version__
    assert told["Summary"] == PROJECT["description"]
    assert set(told.get_all("Classifier", [])) == set(PROJECT["classifiers"])
    assert set(told.get_all("Provides-Extra", [])) == set(PROJECT["optional-dependencies"])
    assert told.get_payload(decode=True).decode() == (ROOT / "README.md").read_text()


def test_every_licence_of_the_bundled_javascript_is_named_and_enclosed(wheel: Path) -> None:
    inside = contents(wheel)
    told = metadata(wheel)
    enclosed = {name.rpartition("/")[2] for name in inside if ".dist-info/licenses/" in name}
    assert enclosed == {"LICENSE", "LICENSES.txt"}
    text = inside[PAGE + "LICENSES.txt"].decode()
    bundled = set(re.findall(r"^@?[\w./-]+ \d[\w.+-]* \((.+)\)$", text, re.MULTILINE))
    assert {"MIT", "Apache-2.0"} <= bundled
    named = set(told["License-Expression"].split(" AND "))
    for licence in bundled:
        choices = set(licence.strip("()").split(" OR "))
        assert choices & named, f"{licence} is not in the licence expression"


def test_what_is_published_passes_twine(built: Path) -> None:
    run(sys.executable, "-m", "twine", "check", "--strict", *built.iterdir())


def test_the_sdist_builds_the_same_wheel_without_node(wheel: Path, sdist: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    [source] = tmp_path.iterdir()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "again", cwd=source,
        env=without_node(tmp_path / "bin"))  # fmt: skip
    [again] = (tmp_path / "again").glob("*.whl")
    assert contents(again) == contents(wheel)


def fetched(url: str, process: subprocess.Popen[bytes]) -> bytes:
    """What a starting server answers."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, "the server ended"
        try:
            with DIRECTLY.open(url, timeout=START_SECONDS) as answer:
                return answer.read()
        except urllib.error.HTTPError:
            raise
        except OSError:
            assert time.monotonic() < deadline, f"{url} does not answer"
            time.sleep(0.1)


def test_the_wheel_serves_the_docs_in_a_clean_environment_without_node(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv/bin/python"
    environment = without_node(tmp_path / "bin")
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(python, *install, f"{wheel}[fastapi]", "uvicorn", cwd=tmp_path, env=environment)
    (tmp_path / "served.py").write_text(SERVED)
    with reserved_port() as port:
        command = [str(python), "-m", "uvicorn", "served:app", "--port", str(port), "--log-level", "warning"]
        process = subprocess.Popen(command, cwd=tmp_path, env=environment)
        docs = f"http://127.0.0.1:{port}/ws-docs/"
        try:
            page = fetched(docs, process).decode()
            sources = re.findall(r'(?:src|href)="([^"#]+\.(?:js|css))[^"]*"', page)
            assert sources
            for source in sources:
                assert fetched(urllib.parse.urljoin(docs, source), process) in contents(wheel).values()
            assert b"Installed" in fetched(docs + "asyncapi.yaml", process)
        finally:
            process.terminate()
            process.wait(timeout=60)
