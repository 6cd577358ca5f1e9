"""The `chanspec` command itself: what it says of itself, and what it loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chanspec import __version__
from chanspec.cli import COMMANDS, main


def chanspec(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "chanspec", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


def test_it_is_installed_as_a_command_and_runs_as_a_module() -> None:
    said = chanspec("--version")
    assert (said.returncode, said.stdout) == (0, f"chanspec {__version__}\n")


def test_its_help_names_every_command_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--help"])
    assert exit_.value.code == 0
    said = capsys.readouterr().out
    assert all(name in said for name in COMMANDS)
    assert "examples:" in said


@pytest.mark.parametrize("name", ["export", "conform"])
def test_the_help_of_a_command_teaches_with_examples(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([name, "--help"])
    assert exit_.value.code == 0
    said = capsys.readouterr().out
    assert f"chanspec {name} " in said.split("examples:")[1]


def test_without_a_command_it_shows_its_help_and_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "commands:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["exprot", "shop.main:app"], "there is no command 'exprot', did you mean 'export'?"),
        (["xyz"], f"there is no command 'xyz'; there are {', '.join(COMMANDS)}"),
        (["\x1b[31m"], f"there is no command '\\x1b[31m'; there are {', '.join(COMMANDS)}"),
    ],
)
def test_an_unknown_command_is_2_with_what_may_have_been_meant(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err == f"chanspec: error: {said}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "--setings", "x.settings"], "--setings, did you mean '--settings'?"),
        (["export", "--ouptut=x.yaml"], "--ouptut=x.yaml, did you mean '--output'?"),
        (["conform", "--mesage", "{}"], "--mesage, did you mean '--message'?"),
        (["export", "--xyz"], "unrecognized arguments: --xyz\n"),
    ],
)
def test_an_unknown_option_is_2_with_what_may_have_been_meant(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.startswith(f"usage: chanspec {arguments[0]}")


@pytest.mark.parametrize("arguments", [["--version"], ["export", "--help"], ["conform", "--help"]])
def test_nothing_is_loaded_that_is_not_needed(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom chanspec.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print(*sorted(sys.modules), file=sys.stderr)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=100, check=True
    )
    loaded = {name.partition(".")[0] for name in ran.stderr.split()}
    assert loaded.isdisjoint({"django", "channels", "starlette", "fastapi", "hypothesis", "rich", "libcst", "pydantic"})


def test_a_reader_that_has_heard_enough_is_no_traceback() -> None:
    command = f"{sys.executable} -m chanspec export tests.conformance.served:app -o - | head -c 10"
    ran = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=100, check=True)
    assert ran.stdout == "asyncapi: "
    assert "Traceback" not in ran.stderr
