"""The samples that users of the packages replaced know: as they are written, and as ``chanspec migrate`` rewrites them.

Both are run by the same tests: the one on the drop-in's import names, the other on chanspec's own.
"""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chanspec.asyncapi import output
from chanspec.migration.project import migrate
from chanspec.testing import WebsocketCommunicator as OurCommunicator
from tests.communicator import WebsocketCommunicator

SAMPLES = Path(__file__).parent / "samples"
DROPIN = Path(__file__).parents[2] / "dropin/src"
"""For processes of their own, which find it here where it is not installed."""


@dataclass
class Samples:
    """A copy of the samples.

    Attributes:
        folder: Where it is.
        package: The name that its modules are imported by.
        migrated: Whether it was rewritten.
    """

    folder: Path
    package: str
    migrated: bool

    def __getattr__(self, name: str) -> ModuleType:
        if name.startswith("_"):
            raise AttributeError(name)
        return importlib.import_module(f"{self.package}.{name}")

    @property
    def settings(self) -> dict[str, Any]:
        """The dicts of Django settings that the sample has."""
        module = importlib.import_module(f"{self.package}.settings")
        return {name: value for name, value in vars(module).items() if name.isupper()}


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Databases and threads of a busy machine may be slow."""
    monkeypatch.setattr(OurCommunicator, "timeout", 20.0)


@pytest.fixture(scope="session", params=["written", "migrated"])
def samples(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Samples:
    root = tmp_path_factory.mktemp("samples")
    package = f"samples_{request.param}"
    folder = root / package
    shutil.copytree(SAMPLES, folder, ignore=shutil.ignore_patterns("__pycache__", "*.sqlite3"))
    typed = (folder / "typed.py").read_text()
    (folder / "typed_fastapi.py").write_text(typed.replace("chanx.channels.", "chanx.fast_channels."))
    if request.param == "migrated":
        # The typed samples and the project of annotated consumers are two projects.
        for part in ([*folder.glob("*.py")], [folder / "rides"]):
            results = migrate(part)
            assert [note for result in results for note in result.notes] == []
            for result in results:
                output.write_bytes(result.path, result.new)
    sys.path.insert(0, str(root))
    return Samples(folder, package, request.param == "migrated")


class Talker:
    """A client in this process, which speaks JSON to an ASGI application."""

    def __init__(self, application: Any, path: str = "/", **scope: Any) -> None:
        self.socket = WebsocketCommunicator(application, path)
        self.socket.scope.update(scope)

    async def open(self) -> Talker:
        assert (await self.socket.connect(timeout=20))[0]
        return self

    async def hear(self) -> dict[str, Any]:
        message: dict[str, Any] = await self.socket.receive_json_from(timeout=20)
        return message

    async def ask(self, action: str, payload: Any = None) -> dict[str, Any]:
        await self.say(action, payload)
        return await self.hear()

    async def has_joined(self) -> None:
        """Wait until `post_authentication` is done, as it is before any message is answered."""
        assert (await self.ask("no such action"))["action"] == "error"

    async def say(self, action: str, payload: Any = None) -> None:
        await self.socket.send_json_to({"action": action, "payload": payload})

    async def close(self) -> None:
        await self.socket.disconnect(timeout=20)


@pytest.fixture
async def talk() -> Any:
    """`await talk(application, path, **scope)`: clients that are disconnected when the test ends."""
    open_: list[Talker] = []

    async def opened(application: Any, path: str = "/", **scope: Any) -> Talker:
        open_.append(await Talker(application, path, **scope).open())
        return open_[-1]

    yield opened
    for each in open_:
        await each.close()


Talk = Callable[..., Any]
