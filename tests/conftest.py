"""Fixtures that every folder of tests shares."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from websockets.asyncio.client import connect

from chanspec.viewer import AssetsNotBuiltError
from tests.programs import PAGE, left_out

pytest_plugins = ["tests.official_parser.plugin", "pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--regenerate", action="store_true", help="write the golden files instead of comparing with them")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Leave a test out that found no page, where the page was not built."""
    if call.excinfo is not None and isinstance(call.excinfo.value, AssetsNotBuiltError):
        try:
            PAGE.needed()
        except (pytest.skip.Exception, pytest.fail.Exception):
            call.excinfo = pytest.ExceptionInfo.from_current()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)  # behind pytest's own list of skipped tests, which may be long
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    """Say last what this machine lacks, and how to install it."""
    result = yield
    skipped = terminalreporter.getreports("skipped")
    reasons = [each.longrepr[2] for each in skipped if isinstance(each.longrepr, tuple)]
    if lines := list(left_out(reasons)):
        terminalreporter.section("left out")
        for line in lines:
            terminalreporter.write_line(line)
    return result


# A busy machine is slow, which is no failure: neither of an example, nor of a server that answers a handshake late.
# A run tries the same examples as the run before: a change that it refuses is at fault. `--hypothesis-profile search`
# looks for new ones.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
settings.register_profile("search", settings.get_profile("patient"), derandomize=False, max_examples=1000)
settings.load_profile("patient")
connect.__init__.__kwdefaults__["open_timeout"] = 60  # seconds; 10 otherwise


# What a person's or a CI's environment may say and what changes what commands print, how they find modules, or how a
# terminal is drawn on: tests look at that, in this process and in those that they start.
TASTES = (
    *("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TTY_INTERACTIVE"),
    *("PYTHONWARNINGS", "PYTHONIOENCODING", "PYTHONSAFEPATH", "PYTHON_COLORS", "PYTHONDEVMODE", "PYTEST_PLUGINS"),
)


@pytest.fixture(scope="session", autouse=True)
def nobodys_tastes() -> Iterator[None]:
    """An environment that is the same everywhere."""
    with pytest.MonkeyPatch.context() as patch:
        for name in TASTES:
            patch.delenv(name, raising=False)
        patch.setenv("TERM", "xterm")
        yield


# Channels' own consumers run in the process of these tests. Before each frame they close old database connections of
# their thread, if there are any, and pytest-django lets only marked tests do that.
CHANNELS_OWN = tuple(Path(__file__).parent / name for name in ("conformance", "enforcement"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if any(folder in item.path.parents for folder in CHANNELS_OWN):
            item.add_marker(pytest.mark.django_db)


@pytest.fixture(scope="session")
def built_page() -> None:
    """For tests of servers that answer with the page: where it was not built they are left out."""
    PAGE.needed()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare text with a file beside the test, or with ``--regenerate`` write it."""
    folder = Path(request.path).parent / "golden"

    def compare(name: str, text: str) -> None:
        path = folder / name
        if request.config.getoption("regenerate"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing; run pytest --regenerate and review what it writes"
        assert text == path.read_text(encoding="utf-8"), f"differs from {path.name}; --regenerate if this is wanted"

    return compare
