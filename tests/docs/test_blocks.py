"""Every code block of the README and the documentation is run, or read by what reads its kind; none is passed over."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from tests.docs import commands, elsewhere
from tests.docs.conftest import TUTORIALS
from tests.docs.pages import ROOT, Block, Command, blocks_of, commands_of, pages, text_of
from tests.docs.runner import Runner
from tests.docs.steps import CHECKS, follow, slug, write
from tests.programs import DROPIN, NGINX

ALL = [block for page in pages() for block in blocks_of(page)]
MINE = [block for block in ALL if not elsewhere.is_run(block)]
WITH_STEPS = list(dict.fromkeys(block.page for block in MINE if block.language in ("python", "console", "text")))


def of(*languages: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("block", [block for block in MINE if block.language in languages], ids=str)


# Python and commands, page by page


def test_the_tutorials_work_from_top_to_bottom(tutorials: Path) -> None:
    assert (tutorials / "chat/consumers.py").exists()
    assert (tutorials / "consumers.py").exists()


@pytest.mark.parametrize("page", [page for page in WITH_STEPS if page not in TUTORIALS])
def test_a_page_works_from_top_to_bottom(page: str, runner: Runner, project: Path) -> None:
    follow(page, project, runner)


# Commands that are not run


ALL_COMMANDS = [command for block in ALL if block.language == "console" for command in commands_of(block)]


def test_of_every_command_it_is_known_whether_it_is_run() -> None:
    unknown = [
        f"{command.block}: {command}"
        for command in ALL_COMMANDS
        if not (commands.is_run(command.words) or commands.is_server(command.words))
        and commands.why_not_run(command.words) is None
    ]
    assert unknown == []


def test_every_reason_is_for_a_command_that_is_there() -> None:
    assert [
        known for known in commands.NOT_RUN if not any(commands.begins(each.words, known) for each in ALL_COMMANDS)
    ] == []


@pytest.mark.parametrize(
    "command", [each for each in ALL_COMMANDS if commands.begins(each.words, "pip install")], ids=str
)
def test_the_extras_that_are_installed_exist(command: Command) -> None:
    for name, extras in re.findall(r"(chanspec(?:-dropin)?)\[([^]]*)\]", " ".join(command.words)):
        if name == "chanspec-dropin":
            DROPIN.needed()
        offered = metadata.metadata(name).get_all("Provides-Extra") or []
        assert {each.strip().replace("_", "-") for each in extras.split(",")} <= set(offered)


@pytest.mark.parametrize("command", [each for each in ALL_COMMANDS if commands.is_server(each.words)], ids=str)
def test_servers_know_the_options_and_find_the_application(command: Command, runner: Runner, project: Path) -> None:
    program, *arguments = command.words
    if program == "uvicorn":
        from uvicorn.main import main

        application = main.make_context("uvicorn", arguments).params["app"]
    else:
        from daphne.cli import CommandLineInterface

        application = CommandLineInterface().parser.parse_args(arguments).application
    module, _, attribute = application.partition(":")
    for block in blocks_of(command.block.page):
        if block.file is not None and block.language == "python" and not elsewhere.is_run(block):
            write(block, project)
    code = f"import {module}\nassert callable({module}.{attribute})"
    done, output = runner.run(project, "python", steps=[{"code": code, "where": str(command.block)}])
    assert done == 0, output


# Other languages


def read_ini(text: str) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    assert parser.sections()


def read_nginx(text: str) -> None:
    """Blocks are closed, and directives end; the rest is nginx's to check, see below."""
    without_comments = re.sub(r"#.*", "", text)
    depth = 0
    for part in re.findall(r"[^;{}]*[;{}]?", without_comments):
        body, end = part[:-1].strip(), part[-1:]
        depth += {"{": 1, "}": -1}.get(end, 0)
        assert depth >= 0
        assert bool(body) == (end in (";", "{")) or not part.strip(), f"{body!r} before {end!r}"
    assert depth == 0


def read_javascript(text: str) -> None:
    command = ["node", "--input-type=module", "--check"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def read_yaml(text: str) -> None:
    assert isinstance(yaml.safe_load(text), dict | list)


READERS: dict[str, Callable[[str], object]] = {
    "ini": read_ini,
    "javascript": read_javascript,
    "json": json.loads,
    "nginx": read_nginx,
    "toml": tomllib.loads,
    "yaml": read_yaml,
}


@of(*READERS)
def test_other_blocks_are_what_they_say(block: Block) -> None:
    READERS[block.language](block.text)


@of("nginx")
def test_nginx_takes_its_configuration(block: Block, tmp_path: Path) -> None:
    NGINX.needed()
    path = tmp_path / "nginx.conf"
    path.write_text(f"events {{}}\nhttp {{\n{block.text}\n}}\n")
    done = subprocess.run(["nginx", "-t", "-c", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# Nothing is passed over


def test_no_block_is_left_that_nobody_runs() -> None:
    known = {"python", "console", "text", "drawing", *READERS}
    left = [
        f"{block} ({block.language})"
        for block in MINE
        if block.language not in known and not block.language.startswith("{")
    ]
    assert left == []


def test_the_quick_starts_are_all_the_python_of_the_readme() -> None:
    told = [block for block in ALL if block.page == "README.md" and block.language == "python"]
    run = (ROOT / "tests/readme/test_quick_starts.py").read_text(encoding="utf-8")
    assert [str(block) for block in told if f'"{block.file}"' not in run] == []


@pytest.mark.parametrize(("page", "test"), elsewhere.TESTS)
def test_what_is_run_elsewhere_is_run_there(page: str, test: str) -> None:
    assert Path(page).name in (ROOT / test).read_text(encoding="utf-8")
    assert text_of(page)


def test_every_check_has_its_page() -> None:
    known = {slug(page) for page in WITH_STEPS}
    assert [path.name for path in CHECKS.glob("*.py") if re.sub(r"\d*$", "", path.stem) not in known] == []
