"""Every name that is migrated from is there, is chanspec's, and keeps away from the distributions it stands in for."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from importlib.metadata import requires, version
from pathlib import Path
from typing import Any, Literal, is_typeddict

import pytest
from pydantic import ValidationError

import chanspec
from chanspec.migration.names import MODULES, find
from tests.dropin.conftest import DROPIN as SOURCE
from tests.programs import DROPIN

NAMES = [
    (module, name) for module, found in MODULES.items() for name in found.names if not module.startswith("chanx.ext.")
]
BOTH = [
    (module, name)
    for module, found in MODULES.items()
    for name in found.names
    if module.startswith(("chanx.channels", "chanx.fast_channels"))
]


def ours(module: str, name: str) -> Any:
    found = find(f"{module}.{name}")
    assert found is not None
    value = import_module(found.module)
    for part in found.path:
        value = getattr(value, part)
    return value


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_a_name_is_chanspec_s_or_derives_from_it(module: str, name: str) -> None:
    theirs, own = getattr(import_module(module), name), ours(module, name)
    if is_typeddict(own):
        assert own.__annotations__.items() <= theirs.__annotations__.items()
    elif isinstance(own, type):
        assert issubclass(theirs, own)
    elif name.endswith("_settings"):
        assert theirs.SEND_COMPLETION == own.SEND_COMPLETION
    elif theirs is not own:
        assert theirs.__doc__.startswith("As :func:`chanspec.")
        assert theirs.__name__ == own.__name__


@pytest.mark.parametrize(("module", "name"), BOTH)
def test_both_spellings_are_one(module: str, name: str) -> None:
    other = module.replace("chanx.", "chanx.ext.")
    assert getattr(import_module(other), name) is getattr(import_module(module), name)


def test_the_actions_of_built_in_messages_are_constants() -> None:
    from chanx import constants
    from chanx.messages import outgoing

    built_in = (outgoing.CompleteMessage(), outgoing.EventCompleteMessage(), outgoing.GroupCompleteMessage())
    assert {message.action for message in built_in} == constants.COMPLETE_ACTIONS
    assert {outgoing.ErrorMessage().action} == constants.CHANX_ACTIONS - constants.COMPLETE_ACTIONS


def test_a_message_that_declares_no_payload_carries_one_all_the_same() -> None:
    from chanx.messages.base import BaseMessage
    from chanx.messages.outgoing import PongMessage

    class Anything(BaseMessage):
        action: Literal["anything"] = "anything"

    class Something(BaseMessage):
        action: Literal["something"] = "something"
        payload: int

    assert Anything(payload=[1]).model_dump() == {"action": "anything", "payload": [1]}
    with pytest.raises(ValidationError):
        Something()  # type: ignore[call-arg]
    assert isinstance(PongMessage(), BaseMessage)
    assert not isinstance(PongMessage(), Anything)


def fresh(code: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    """Run code in an interpreter of its own, with some folders first on its path."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [*paths, SOURCE]))}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("original", ["django-channels-spectacular", "chanx"])
def test_it_refuses_to_work_beside_an_original(original: str, tmp_path: Path) -> None:
    metadata = tmp_path / f"{original.replace('-', '_')}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {original}\nVersion: 1.0\n")
    modules = ("channels_spectacular", "channels_spectacular.views", "chanx.core.decorators", "chanx.ext")
    run = fresh(
        f"from importlib import import_module\nfor module in {modules}:\n"
        "    try: import_module(module)\n    except ImportError as error: print(error)",
        tmp_path,
    )
    assert run.returncode == 0, run.stderr
    sentences = run.stdout.splitlines()
    assert len(sentences) == len(modules)
    for sentence in sentences:
        assert sentence.startswith("chanspec-dropin provides the import names channels_spectacular and chanx")
        assert f"`pip uninstall {original}`" in sentence
        assert "`pip uninstall chanspec-dropin`" in sentence


def test_fastapi_needs_no_django() -> None:
    code = (
        "import sys, chanx.ext.fast_channels.views, chanx.fast_channels.websocket, chanx.core.decorators\n"
        "import chanx.core.authenticator, chanx.messages.incoming, chanx.constants, channels_spectacular\n"
        "assert not {'django', 'channels', 'rest_framework'} & sys.modules.keys()"
    )
    run = fresh(code)
    assert run.returncode == 0, run.stderr


def test_the_distribution_has_chanspec_s_version_and_needs_exactly_that() -> None:
    import channels_spectacular

    DROPIN.needed()
    assert version("chanspec-dropin") == chanspec.__version__ == channels_spectacular.__version__
    assert f"chanspec=={chanspec.__version__}" in (requires("chanspec-dropin") or ())


def test_it_builds_from_a_checkout_and_from_its_own_sdist(tmp_path: Path) -> None:
    import tarfile
    import zipfile

    checkout = Path(__file__).parents[2] / "dropin"
    build(checkout, "sdist", tmp_path)
    [sdist] = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    build(tmp_path / sdist.name.removesuffix(".tar.gz"), "wheel", tmp_path)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        [metadata] = [archive.read(name).decode() for name in names if name.endswith("/METADATA")]
    assert f"Requires-Dist: chanspec=={chanspec.__version__}\n" in metadata
    assert f"\nVersion: {chanspec.__version__}\n" in metadata
    assert {"chanx/ext/channels/views.py", "channels_spectacular/apps.py", "_chanspec_dropin/__init__.py"} <= set(names)
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def build(folder: Path, target: str, into: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(into)],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
