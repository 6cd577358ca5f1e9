"""What is supported is tested: noxfile.py, the workflow, the classifiers and the oldest releases say the same."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# What the project is developed and documented with, not what it needs.
TOOLS = {"dev", "docs"}


@pytest.fixture(scope="module")
def combinations() -> set[tuple[str, str, str]]:
    """The Python, the Django and the releases of each session."""
    listed = subprocess.run(
        [sys.executable, "-m", "nox", "--list", "--json", "--noxfile", str(ROOT / "noxfile.py")],
        check=True,
        capture_output=True,
    )
    sessions = json.loads(listed.stdout)
    return {(each["python"], each["call_spec"]["django"], each["call_spec"]["versions"]) for each in sessions}


def test_the_workflow_tests_the_combinations_of_noxfile(combinations: set[tuple[str, str, str]]) -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text())
    matrix = workflow["jobs"]["matrix"]["strategy"]["matrix"]
    excluded = {(each["python"], each["django"]) for each in matrix["exclude"]}
    every = itertools.product(matrix["python"], matrix["django"], matrix["versions"])
    assert {each for each in every if each[:2] not in excluded} == combinations


@pytest.mark.parametrize("distribution", [".", "dropin"])
def test_the_classifiers_name_the_pythons_and_djangos_that_are_tested(
    distribution: str, combinations: set[tuple[str, str, str]]
) -> None:
    classifiers = tomllib.loads((ROOT / distribution / "pyproject.toml").read_text())["project"]["classifiers"]
    named = {each for each in classifiers if re.search(r"(Python|Django) :: \d+\.\d+$", each)}
    pythons = {f"Programming Language :: Python :: {python}" for python, _, _ in combinations}
    djangos = {f"Framework :: Django :: {django}" for _, django, _ in combinations}
    assert named == pythons | djangos


def test_the_oldest_releases_are_the_lower_bounds(combinations: set[tuple[str, str, str]]) -> None:
    optional = PROJECT["optional-dependencies"]
    needed = itertools.chain(PROJECT["dependencies"], *(optional[extra] for extra in optional.keys() - TOOLS))
    bounds = {name: Version(bound) for name, bound in (requirement.split(">=") for requirement in needed)}
    assert bounds.pop("django") == min(Version(django) for _, django, _ in combinations)

    constraints = (ROOT / "requirements/lowest.txt").read_text().splitlines()
    oldest = dict(line.split("==") for line in constraints if not line.startswith("#"))
    assert bounds.pop("hypothesis")  # lowest.txt says why it is left out
    assert {name: Version(oldest[name]) for name in bounds} == bounds
