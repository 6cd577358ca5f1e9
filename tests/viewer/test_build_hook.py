"""When the build backend builds the page, and what it says where it cannot."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import hatch_build


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "viewer" / "src").mkdir(parents=True)
    (tmp_path / "viewer" / "src" / "main.tsx").write_text("source")
    assets = tmp_path / hatch_build.ASSETS
    assets.mkdir(parents=True)
    for name in hatch_build.NAMES:
        (assets / name).write_text("built")
    stamp(tmp_path / "viewer", 100)
    stamp(assets, 200)
    return tmp_path


def stamp(folder: Path, time: float) -> None:
    for path in folder.rglob("*"):
        os.utime(path, (time, time))


class Application:
    def __init__(self) -> None:
        self.aborted: list[str] = []

    def abort(self, message: str) -> None:
        self.aborted.append(message)

    def display_info(self, message: str) -> None:
        """Hatch shows it; the tests need not."""


def hook(root: Path, app: Application) -> hatch_build.PageBuildHook:
    metadata: Any = SimpleNamespace()
    return hatch_build.PageBuildHook(str(root), {}, {}, metadata, str(root), "wheel", app)  # type: ignore[arg-type]


def test_built_files_newer_than_their_sources_are_used(root: Path) -> None:
    assert hatch_build.is_current(root)


def test_a_missing_file_means_building(root: Path) -> None:
    (root / hatch_build.ASSETS / "docs.css").unlink()
    assert not hatch_build.is_current(root)


def test_a_newer_source_means_building(root: Path) -> None:
    stamp(root / "viewer", 300)
    assert not hatch_build.is_current(root)


def test_installed_packages_are_not_sources(root: Path) -> None:
    module = root / "viewer" / "node_modules" / "package"
    module.mkdir(parents=True)
    (module / "index.js").write_text("")
    assert hatch_build.is_current(root)


def test_an_sdist_is_current_whatever_its_times(root: Path) -> None:
    (root / "PKG-INFO").write_text("")
    stamp(root / "viewer", 300)
    assert hatch_build.is_current(root)


def test_the_files_are_put_into_the_package_though_git_ignores_them(root: Path) -> None:
    data: dict[str, Any] = {"artifacts": []}
    hook(root, Application()).initialize("standard", data)
    assert "/src/chanspec/channels/static/chanspec/docs.js" in data["artifacts"]


def test_an_editable_installation_builds_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / hatch_build.ASSETS / "docs.js").unlink()
    monkeypatch.setenv("PATH", "")
    app = Application()
    hook(root, app).initialize("editable", {"artifacts": []})
    assert app.aborted == []


def test_without_node_the_message_says_what_to_install(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / hatch_build.ASSETS / "docs.js").unlink()
    monkeypatch.setenv("PATH", str(root / "nothing"))
    app = Application()
    hook(root, app).initialize("standard", {"artifacts": []})
    assert "install Node.js 20.19 or newer" in app.aborted[0]


@pytest.mark.parametrize(("said", "version"), [("v20.19.1", (20, 19)), ("v18.0.0", (18, 0)), ("nonsense", (0, 0))])
def test_the_version_of_node_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, version: tuple[int, int]
) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {said}\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert hatch_build.node_version() == version
