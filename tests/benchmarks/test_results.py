"""RESULTS.md has a part for each command, and is replaced as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.results import remove_part, replace, write_part


def test_a_part_replaces_its_own_text_and_leaves_the_others(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    write_part("one", "first", file)
    write_part("two", "second", file)
    write_part("one", "third", file)
    text = file.read_text()
    assert "first" not in text
    assert text.index("<!-- one: begin -->\nthird\n<!-- one: end -->") < text.index("<!-- two: begin -->\nsecond\n")
    assert text.startswith("# Results\n")


def test_what_stands_around_the_parts_stays(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    file.write_text("before\n<!-- one: begin -->\nold\n<!-- one: end -->\nafter\n")
    write_part("one", "new", file)
    assert file.read_text() == "before\n<!-- one: begin -->\nnew\n<!-- one: end -->\nafter\n"


def test_a_part_is_removed_with_its_markers_and_one_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    write_part("one", "first", file)
    write_part("two", "second", file)
    before = file.read_text()
    write_part("three", "third", file)
    remove_part("three", file)
    assert file.read_text() == before
    remove_part("three", file)
    assert file.read_text() == before
    remove_part("one", file)
    assert file.read_text() == "# Results\n\nEach part is written by the command in it.\n\n" + (
        "<!-- two: begin -->\nsecond\n<!-- two: end -->\n"
    )


def test_a_part_without_its_end_is_an_error_and_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "RESULTS.md"
    file.write_text("<!-- one: begin -->\nold\n")
    with pytest.raises(ValueError, match="without <!-- one: end -->"):
        write_part("one", "new", file)
    assert file.read_text() == "<!-- one: begin -->\nold\n"


def test_an_interruption_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "RESULTS.md"
    file.write_text("old")

    def interrupted(source: str, target: Path) -> None:
        assert Path(source).read_text() == "new"
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
