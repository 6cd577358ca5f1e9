"""What the tests of enforcement share."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Channels' own consumers close the old database connections of their thread, as they do before each frame."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.django_db)
