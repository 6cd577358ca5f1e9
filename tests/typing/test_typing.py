"""What mypy and pyright say about code that uses chanspec: nothing where it is right, and what it should elsewhere.

The files ``ok_*.py`` and ``wrong_*.py`` beside this one are such code. A comment ``# expect: mypy[type-var]
pyright[reportArgumentType]`` says what must be reported on its line; whatever else is reported is a failure too.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FILES = sorted([*HERE.glob("ok_*.py"), *HERE.glob("wrong_*.py")])

VERSIONS = {name: version(name) for name in ("mypy", "pyright", "pydantic")}

EXPECTED = re.compile(r"# expect: (.*)$")
NAMED = re.compile(r"(mypy|pyright)\[([\w-]+)\]")


def expected_of(checker: str) -> Counter[str]:
    """Every diagnostic that a comment names, as ``file:line code``."""
    found: Counter[str] = Counter()
    for file in FILES:
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if comment := EXPECTED.search(line):
                assert not NAMED.sub("", comment[1]).strip(), f"{file.name}:{number} cannot be read"
                found.update(
                    f"{file.name}:{number} {code}" for who, code in NAMED.findall(comment[1]) if who == checker
                )
    return found


def compare(checker: str, reported: list[tuple[str, str]]) -> None:
    """Fail with what is missing and what is unexpected, if anything is.

    Args:
        checker: ``mypy`` or ``pyright``.
        reported: Each diagnostic as ``file:line code``, and its text.
    """
    expected, found = expected_of(checker), Counter(place for place, _ in reported)
    assert expected, f"no comment expects anything of {checker}"
    unexpected = found - expected
    problems = [f"missing: {place}" for place in (expected - found).elements()]
    problems += [f"unexpected: {place}: {text}" for place, text in reported if place in unexpected]
    assert not problems, "\n".join([f"With {VERSIONS}:", *problems])


def run(checker: str, *options: str) -> str:
    """A type checker's output; it ends with 1 where it has something to report."""
    command = [sys.executable, "-m", checker, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280)
    assert done.returncode in (0, 1), f"{checker} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_mypy_reports_exactly_what_is_wrong() -> None:
    options = ["--config-file", str(HERE / "mypy.ini"), "--cache-dir", ".mypy_cache/typing", "--output", "json"]
    found = [json.loads(line) for line in run("mypy", *options, *map(str, FILES)).splitlines()]
    errors = [each for each in found if each["severity"] == "error"]
    compare("mypy", [(f"{Path(each['file']).name}:{each['line']} {each['code']}", each["message"]) for each in errors])


def test_pyright_reports_exactly_what_is_wrong() -> None:
    output = json.loads(run("pyright", "--project", str(HERE), "--pythonpath", sys.executable, "--outputjson"))
    assert output["summary"]["filesAnalyzed"] == len(FILES)
    found = [(each["range"]["start"]["line"] + 1, each) for each in output["generalDiagnostics"]]
    compare(
        "pyright",
        [(f"{Path(each['file']).name}:{line} {each.get('rule')}", each["message"]) for line, each in found],
    )


@pytest.mark.parametrize("name", [file.stem for file in FILES if file.stem.startswith("ok_")])
def test_what_type_checkers_accept_can_be_defined(name: str) -> None:
    importlib.import_module(f"tests.typing.{name}")


def wrong_definitions() -> list[Callable[[], type]]:
    modules = [importlib.import_module(f"tests.typing.{name}") for name in ("wrong_handlers", "wrong_channels")]
    found = [each for module in modules for _, each in inspect.getmembers(module, inspect.isfunction)]
    return [each for each in found if each.__module__.startswith("tests.typing.wrong_")]


@pytest.mark.parametrize("define", wrong_definitions(), ids=lambda each: f"{each.__module__}.{each.__name__}")
def test_what_type_checkers_report_cannot_be_defined(define: Callable[[], type]) -> None:
    with pytest.raises(TypeError):
        define()
