"""What the tests of ``chanspec migrate`` share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from chanspec.migration.project import migrate


@dataclass
class Migrated:
    """What became of a file: its text, and the notes as ``"line: text"``."""

    text: str
    notes: list[str]


@pytest.fixture
def rewrite(tmp_path: Path) -> Callable[..., Migrated]:
    """Rewrite a file's text, which may be one of several: ``rewrite(code, other=…)``."""

    def rewritten(code: str, **others: str) -> Migrated:
        path = tmp_path / "a.py"
        path.write_text(dedent(code), encoding="utf-8")
        for name, text in others.items():
            (tmp_path / f"{name}.py").write_text(dedent(text), encoding="utf-8")
        for result in migrate([tmp_path]):
            if result.path == path:
                notes = [f"{note.line}: {note.text}" for note in result.notes]
                return Migrated(result.new.decode(), notes)
        return Migrated(path.read_text(encoding="utf-8"), [])

    return rewritten


Rewrite = Callable[..., Migrated]
