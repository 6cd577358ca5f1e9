"""Writing a document's file: whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chanspec.asyncapi import output


def test_a_new_file_gets_the_mode_that_open_would_give(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    output.write(tmp_path / "new/dir/file", "text\r\n")
    written = tmp_path / "new/dir/file"
    assert written.read_bytes() == b"text\r\n"
    assert written.stat().st_mode == (tmp_path / "other").stat().st_mode


def test_an_existing_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("before")
    real.chmod(0o640)
    link.symlink_to("real")
    output.write(link, "after")
    assert link.is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == ("after", 0o640)


def test_a_failed_write_leaves_the_file_and_nothing_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "file"
    target.write_text("before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        output.write(target, "after")
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        output.write(tmp_path, "text")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        output.write(tmp_path / "pipe", "text")


def test_a_difference_in_the_last_line_end_is_shown(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("a\nb")
    assert output.difference(target, "a\nb\n").endswith(" a\n-b\n\\ No newline at end of file\n+b\n")
    assert output.difference(target, "a\nb") == ""


def test_a_file_that_is_no_text_differs(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"\xff")
    assert "-\\xff" in output.difference(target, "\ufffd")


@pytest.mark.parametrize(("name", "form"), [("a.json", "json"), ("a.JSON", "json"), ("a.yml", "yaml"), ("-", "yaml")])
def test_the_suffix_names_the_format(name: str, form: str) -> None:
    assert output.format_of(name) == form


def test_a_summary_counts_operations_of_version_2_and_3() -> None:
    old = {"asyncapi": "2.6.0", "channels": {"a": {"publish": {}, "subscribe": {}}, "b": {"publish": {}}}}
    assert output.summary(old, 1) == "2 channels, 3 operations, 1 warning"
    assert output.summary({"asyncapi": "3.0.0", "channels": {"a": {}}, "operations": {"b": {}}}, 0) == (
        "1 channel, 1 operation, 0 warnings"
    )


def test_a_difference_that_would_take_long_to_make_small_is_one_hunk(tmp_path: Path) -> None:
    target = tmp_path / "file"
    before = [f"{index}\n" for index in range(20_000)]
    target.write_text("".join(before))
    after = [line if index % 2 or index < 9 else f"new {line}" for index, line in enumerate(before[:-5])] + before[-5:]
    lines = output.difference(target, "".join(after)).splitlines(keepends=True)
    assert lines[2] == "@@ -8,19991 +8,19991 @@\n"
    assert [each[1:] for each in lines[3:] if each[0] in " -"] == before[7:-2]
    assert [each[1:] for each in lines[3:] if each[0] in " +"] == after[7:-2]


def test_a_difference_on_a_terminal_is_shown_without_effect() -> None:
    assert output.for_terminal("+a\x1b[2J\u202e é\t\n") == "+a\\x1b[2J\\u202e é\t\n"
