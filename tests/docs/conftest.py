"""The process that runs the pages' steps, and the projects that how-tos go on from."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.runner import Runner
from tests.docs.steps import follow

TUTORIALS = ("docs/tutorials/django.md", "docs/tutorials/fastapi.md")


@pytest.fixture(scope="session")
def runner() -> Iterator[Runner]:
    made = Runner()
    yield made
    made.end()


@pytest.fixture(scope="session")
def tutorials(runner: Runner, tmp_path_factory: pytest.TempPathFactory, built_page: None) -> Path:
    """A folder with the projects of both tutorials, as they are when somebody has followed them."""
    folder = tmp_path_factory.mktemp("tutorials")
    for page in TUTORIALS:
        followed = tmp_path_factory.mktemp(Path(page).stem)
        follow(page, followed, runner)
        shutil.copytree(followed, folder, dirs_exist_ok=True)
    for check in folder.glob("check_*.py"):
        check.unlink()
    return folder


@pytest.fixture
def project(tutorials: Path, tmp_path: Path) -> Path:
    """A copy of those projects."""
    return Path(shutil.copytree(tutorials, tmp_path / "project"))
