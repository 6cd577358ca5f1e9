"""What the end of a run says of a machine that lacks something."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.programs import CHROMIUM, PAGE, REDIS, Program, left_out

WITHOUT = Path(__file__).parents[2] / ".ci/without"


def test_a_run_that_left_nothing_out_says_nothing() -> None:
    assert list(left_out([])) == []
    assert list(left_out(["the syntax of PEP 695 needs Python 3.12"])) == []


def test_each_missing_program_is_counted_and_one_command_installs_all() -> None:
    reasons = [f"Skipped: {REDIS.reason}", f"Skipped: {CHROMIUM.reason}", f"Skipped: {CHROMIUM.reason}"]
    assert list(left_out(reasons)) == [
        "2 tests were left out for want of Chromium.",
        "1 test was left out for want of Redis.",
        "To run them too: apt-get install chromium redis-server",
    ]


def test_what_make_setup_makes_is_told_apart() -> None:
    assert list(left_out([PAGE.reason]))[-1] == "To run them too: make setup"
    assert (
        list(left_out([PAGE.reason, REDIS.reason]))[-1] == "To run them too: apt-get install redis-server && make setup"
    )


def test_a_missing_program_fails_a_test_in_ci_and_skips_it_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    program = Program("Nothing", ("there-is-no-such-program",), "nothing")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="needs Nothing"):
        program.needed()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="apt-get install nothing"):
        program.needed()


def test_a_command_runs_as_on_a_machine_without_a_program() -> None:
    script = "command -v env || true; command -v cat; echo ${CI-unset}"
    done = subprocess.run([WITHOUT, "env", "--", "bash", "-c", script], capture_output=True, text=True, check=True)
    assert [Path(line).name for line in done.stdout.splitlines()] == ["cat", "unset"]
