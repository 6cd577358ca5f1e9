"""`chanspec migrate` as a person runs it: what it shows, what it writes, what it leaves alone."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chanspec.cli import migrate as command
from chanspec.migration.names import MODULES, find
from chanspec.migration.project import Result, migrate

OLD = "from chanx.core.decorators import channel\n"
NEW = "from chanspec.decorators import channel\n"


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes]) -> Callable[..., tuple[int, str, str]]:
    """Runs the command: its exit code, what it printed, and what it said. Bytes that are no UTF-8 are surrogates."""

    def run_(*arguments: str | Path) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        code = command.run(parser.parse_args([str(each) for each in arguments]))
        printed, said = (each.decode("utf-8", "surrogateescape") for each in capsysbinary.readouterr())
        return code, printed, said

    return run_


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text(f"# first\n{OLD}x = 1\n")
    (tmp_path / "b.py").write_text("x = 1\n")
    return tmp_path


def test_without_write_the_changes_are_shown_and_nothing_is_changed(project: Path, run: Run) -> None:
    code, out, err = run(project)
    assert code == 0
    assert out == (
        f"--- a/{str(project)[1:]}/a.py\n+++ b/{str(project)[1:]}/a.py\n@@ -1,3 +1,3 @@\n # first\n-{OLD}+{NEW} x = 1\n"
    )
    assert err == "1 file would change, nothing to do by hand; --write changes them\n"
    assert (project / "a.py").read_text() == f"# first\n{OLD}x = 1\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (OLD.rstrip("\n").encode(), NEW.rstrip("\n").encode()),
        (OLD.replace("\n", "\r\n").encode() + b"x = 1\r\n", NEW.replace("\n", "\r\n").encode() + b"x = 1\r\n"),
        (f"# coding: latin-1\n{OLD}# é\n".encode("latin-1"), f"# coding: latin-1\n{NEW}# é\n".encode("latin-1")),
    ],
    ids=["no-newline", "crlf", "latin-1"],
)
def test_the_diff_can_be_applied(before: bytes, after: bytes, project: Path, run: Run) -> None:
    (project / "a.py").write_bytes(before)
    with contextlib.chdir(project):
        _, out, _ = run("a.py")
    diff = out.encode("utf-8", "surrogateescape")
    applied = subprocess.run(
        ["git", "apply", "-"], input=diff, cwd=project, env=nobodys_git(project), capture_output=True
    )
    assert applied.returncode == 0, applied.stderr
    assert (project / "a.py").read_bytes() == after


def nobodys_git(folder: Path) -> dict[str, str]:
    """An environment in which Git knows neither somebody's settings nor a repository that the folder may be in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return {**kept, **nothing, "GIT_CEILING_DIRECTORIES": str(folder.parent)}


def test_write_changes_the_files_and_a_second_time_there_is_nothing_to_do(project: Path, run: Run) -> None:
    assert run(project, "--write") == (0, "", "1 file changed, nothing to do by hand\n")
    assert (project / "a.py").read_text() == f"# first\n{NEW}x = 1\n"
    assert run(project, "--write") == (0, "", "0 files changed, nothing to do by hand\n")


def test_check_says_by_its_exit_code_whether_something_is_to_do(project: Path, run: Run) -> None:
    assert run(project, "--check")[0] == 1
    run(project, "--write")
    assert run(project, "--check")[0] == 0


def test_what_is_left_to_a_person_is_listed_with_its_place(project: Path, run: Run) -> None:
    (project / "requirements.txt").write_text("django\nchanx[channels]>=2.0  # sockets\n# chanx\nchanx-extra\n")
    (project / "a.py").write_text("\nfrom chanx.core.decorators import secret\n")
    _, _, err = run(project)
    assert err.splitlines()[:2] == [
        f"{project}/a.py:2: chanx.core.decorators.secret: it has no counterpart in chanspec: do without it",
        f"{project}/requirements.txt:2: chanx is a dependency; write chanspec, as in chanspec[channels]",
    ]
    assert err.splitlines()[2] == "0 files would change, 2 places to look at"


def test_a_terminal_shows_colours(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert f"\x1b[32m+{NEW.rstrip()}\x1b[m\n" in run(project)[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run(project)[1]


def test_other_people_s_code_is_left_alone(project: Path, run: Run) -> None:
    for name in (".git/hooks", "node_modules/x", "env/lib/site-packages", ".tox/a", "src/__pycache__"):
        (project / name).mkdir(parents=True)
        (project / name / "a.py").write_text(OLD)
    (project / "env" / "pyvenv.cfg").write_text("")
    (project / "env" / "a.py").write_text(OLD)
    (project / "link.py").symlink_to(project / "a.py")
    (project / "loop").symlink_to(project)
    assert run(project, "--write")[2] == "1 file changed, nothing to do by hand\n"
    assert (project / "env" / "a.py").read_text() == OLD


def test_a_path_that_is_not_there_is_an_error(project: Path, run: Run) -> None:
    code, out, err = run(project / "none")
    assert (code, out) == (2, "")
    assert err == f"chanspec migrate: {project}/none: there is no such file or folder\n"


def test_a_path_that_would_wait_for_a_writer_is_an_error(project: Path, run: Run) -> None:
    os.mkfifo(project / "pipe.py")
    assert run(project / "pipe.py")[0] == 2
    assert run(project)[0] == 0


def test_a_script_is_python_by_whatever_name_if_it_is_given(project: Path, run: Run) -> None:
    (project / "serve").write_text(OLD)
    assert "b/" not in run(project / "b.py")[1]
    assert run(project / "serve", "--write")[2] == "1 file changed, nothing to do by hand\n"
    assert (project / "serve").read_text() == NEW
    (project / "serve").write_text(OLD)
    run(project, "--write")
    assert (project / "serve").read_text() == OLD


def test_a_file_that_cannot_be_written_is_named_and_stays(project: Path, run: Run) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        code, out, err = run(project, "--write")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (code, out, err) == (2, "", f"chanspec migrate: {project}/a.py: File too large\n")
    assert (project / "a.py").read_text() == f"# first\n{OLD}x = 1\n"


def test_without_libcst_the_extra_is_named(project: Path) -> None:
    script = (
        "import sys; sys.modules['libcst'] = None\nimport argparse\nfrom chanspec.cli import migrate\n"
        "parser = argparse.ArgumentParser(); migrate.add_arguments(parser)\n"
        f"sys.exit(migrate.run(parser.parse_args([{str(project)!r}])))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == 'chanspec migrate: rewriting code needs LibCST: pip install "chanspec[migrate]"\n'


class TestBytes:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (f"# é\n{OLD}".encode(), f"# é\n{NEW}".encode()),
            (b"\xef\xbb\xbf# x\n" + OLD.encode(), b"\xef\xbb\xbf# x\n" + NEW.encode()),
            (OLD.replace("\n", "\r\n").encode() + b"x = 1\r\n", NEW.replace("\n", "\r\n").encode() + b"x = 1\r\n"),
            (
                f"# -*- coding: latin-1 -*-\n# é\n{OLD}".encode("latin-1"),
                f"# -*- coding: latin-1 -*-\n# é\n{NEW}".encode("latin-1"),
            ),
            (OLD.rstrip("\n").encode(), NEW.rstrip("\n").encode()),
            (
                f"if x:\n\t{OLD}\ty = '''\n\n\x0c'''   \n\n\n".encode(),
                f"if x:\n\t{NEW}\ty = '''\n\n\x0c'''   \n\n\n".encode(),
            ),
            (
                f'x = "é𝄞"; {OLD}CHANX = {{"ASYNCAPI_TITLE": "é"}}\n'.encode(),
                f'x = "é𝄞"; {NEW}CHANSPEC = {{"TITLE": "é"}}\n'.encode(),
            ),
        ],
        ids=["utf-8", "mark", "crlf", "latin-1", "no-newline", "tabs", "astral"],
    )
    def test_everything_else_of_a_file_stays(self, before: bytes, after: bytes, tmp_path: Path, run: Run) -> None:
        path = tmp_path / "a.py"
        path.write_bytes(before)
        path.chmod(0o751)
        assert run(path)[0] == 0
        assert path.read_bytes() == before
        run(path, "--write")
        assert path.read_bytes() == after
        assert path.stat().st_mode & 0o777 == 0o751

    def test_two_statements_have_the_file_s_line_ends(self, tmp_path: Path, run: Run) -> None:
        path = tmp_path / "a.py"
        path.write_bytes(b"x = 1\r\nfrom channels_spectacular import AsyncAPIGenerator, document_event\r\n")
        run(path, "--write")
        assert path.read_bytes() == (
            b"x = 1\r\nfrom chanspec.channels.generator import AsyncAPIGenerator\r\n"
            b"from chanspec import document_event\r\n"
        )

    @pytest.mark.parametrize(
        "content",
        [
            OLD.encode() + b"def (:\n",
            OLD.encode() + b"print 'two'\n",
            b"# coding: nonsense\n" + OLD.encode(),
            b"# \xff\n" + OLD.encode(),
            b"\x00" + OLD.encode(),
            OLD.encode() + b"return 1\n",
            b"\xef\xbb\xbf# coding: latin-1\n" + OLD.encode(),
            OLD.encode() + b"\x0cx = 1\n",
            OLD.encode() + b"x = " + b"(" * 3000 + b")" * 3000 + b"\n",
            OLD.encode() + b"x = " + b"-" * 4000 + b"1\n",
            OLD.encode() + b"x = " + b"1 + " * 9000 + b"1\n",
        ],
        ids=[
            "syntax",
            "python-2",
            "no-codec",
            "no-utf-8",
            "null",
            "return",
            "mark",
            "form-feed",
            "nested",
            "signs",
            "sum",
        ],
    )
    def test_what_is_no_python_is_said_and_left(self, content: bytes, tmp_path: Path, run: Run) -> None:
        path = tmp_path / "a.py"
        path.write_bytes(content)
        code, out, err = run(path, "--write")
        assert (code, out) == (0, "")
        assert re.match(rf"{path}:1: not (read|changed): .+\n0 files changed, 1 place to look at\n$", err), err
        assert path.read_bytes() == content


_NAMES = [(module, name) for module, each in MODULES.items() for name in each.names if not name.startswith("_")]
_FILLERS = ["x = 1", "# a comment", 'text = "chan x"', "def f(): pass", "é = '𝄞'"]
_FORMS = (
    "from {module} import {name}",
    "from {module} import {name} as alias\n    _ = alias",
    "from {module} import (\n        {name},  # why\n    )",
    "import {module}\n    _ = {module}.{name}",
    "import os, {module} as alias\n    _ = alias.{name}",
    "from {parent} import {last}\n    _ = {last}.{name}",
    "mock.patch('{module}.{name}')",
)


@st.composite
def _statements(draw: st.DrawFn) -> str:
    module, name = draw(st.sampled_from(_NAMES))
    parent, _, last = module.rpartition(".")
    form = draw(st.sampled_from(_FORMS if parent else [each for each in _FORMS if "{parent}" not in each]))
    return f"def _():\n    {form.format(module=module, name=name, parent=parent, last=last)}"


@given(st.lists(st.one_of(_statements(), st.sampled_from(_FILLERS)), max_size=6), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=40, deadline=None)
def test_whatever_is_imported_and_however_only_that_changes(lines: list[str], newline: str) -> None:
    before = "\n".join([*lines, ""]).replace("\n", newline)
    with TemporaryDirectory() as folder:
        path = Path(folder, "a.py")
        path.write_bytes(before.encode())
        [result] = migrate([path]) or [Result(path, b"", before.encode(), [])]
        path.write_bytes(result.new)
        assert [each for each in migrate([path]) if each.new != each.old] == []
    text = result.new.decode()
    if not result.notes:
        assert re.search(r"\b(chanx|channels_spectacular)\b", text) is None
    assert [line for line in text.split(newline) if line in _FILLERS] == [line for line in lines if line in _FILLERS]
    assert text.count("def _():") == before.count("def _():")
    assert newline == "\n" or not re.search("(?<!\r)\n", text)


def test_every_name_that_is_migrated_to_exists() -> None:
    from importlib import import_module

    for module, name in _NAMES:
        found = find(f"{module}.{name}")
        assert found is not None
        value = import_module(found.module)
        for part in found.path:
            value = getattr(value, part)
