"""`manage.py export_asyncapi`, run in a project of its own as a person or CI runs it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from tests.official_parser.plugin import OfficialParser

PROJECT = Path(__file__).parent / "project"
ORDERS = "shop.consumers.OrderConsumer"
STOCK = "shop.consumers.StockConsumer"
TEMPLATE = """\
# Ours, by hand.
asyncapi: 3.0.0
info: {title: 'Shop', version: "1"}   # kept as it is
servers:
  main:
    host: {{ WS_HOST }}
    protocol: {{ws_protocol}}
channels:
  shop:
    address: /ws/
    messages:
      Place: {$ref: '#/components/messages/Place'}
operations: {}
components:
  messages:
    Place:
      payload:
        type: object
"""


class Project:
    def __init__(self, root: Path) -> None:
        self.root = root

    def export(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", "export_asyncapi", *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    def read(self, name: str) -> Any:
        return yaml.safe_load((self.root / name).read_text(encoding="utf-8"))

    def template(self, text: str) -> None:
        (self.root / "ours.yaml").write_bytes(text.encode())


@pytest.fixture
def project(tmp_path: Path) -> Project:
    shutil.copytree(PROJECT, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    return Project(tmp_path / "project")


@pytest.fixture
def in_process(project: Project, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Callable[..., None]]:
    """Runs the command in the project without a process of its own, which takes most of a run's time."""
    monkeypatch.chdir(project.root)
    monkeypatch.syspath_prepend(project.root)
    settings.ASGI_APPLICATION = "shop.asgi.application"
    settings.CHANSPEC = {"CHANNEL_PATH": "/ws/shop/"}
    yield partial(call_command, "export_asyncapi", stdout=StringIO(), stderr=StringIO())
    for name in [each for each in sys.modules if each.partition(".")[0] == "shop"]:
        del sys.modules[name]


def refused(run: subprocess.CompletedProcess[str]) -> str:
    """The one line that a run said when it refused."""
    assert run.returncode == 1, run.stderr
    assert run.stdout == ""
    line = run.stderr.removesuffix("\n")
    assert "\n" not in line
    return line.removeprefix("CommandError: ")


def test_routed_consumers_are_exported_where_none_is_named(project: Project, official_parser: OfficialParser) -> None:
    run = project.export()
    assert (run.returncode, run.stdout) == (0, "")
    assert run.stderr == "Wrote asyncapi.yaml: 2 channels, 3 operations, 0 warnings\n"
    document = project.read("asyncapi.yaml")
    official_parser.check((project.root / "asyncapi.yaml").read_text(encoding="utf-8"))
    assert [channel["address"] for channel in document["channels"].values()] == ["/ws/orders/{order_id}/", "/ws/stock/"]
    assert document["servers"]["default"]["host"] == "localhost:8000"
    assert document["info"]["title"] == "Shop"


def test_named_consumers_go_into_one_document_under_directories_that_are_made(
    project: Project, official_parser: OfficialParser
) -> None:
    arguments = ["--consumer", f"{ORDERS}:/ws/a/", "--consumer", f"{STOCK}:/ws/b/", "-o", "docs/api/spec.json"]
    run = project.export(*arguments, "--host", "api.example.com", "--protocol", "wss", "--perspective", "client")
    assert run.stderr == "Wrote docs/api/spec.json: 2 channels, 3 operations, 0 warnings\n"
    document = json.loads((project.root / "docs/api/spec.json").read_text(encoding="utf-8"))
    official_parser.check(document)
    assert [channel["address"] for channel in document["channels"].values()] == ["/ws/a/", "/ws/b/"]
    assert document["servers"]["default"] == {"host": "api.example.com", "protocol": "wss"}
    assert document["x-perspective"] == "client"


def test_a_consumer_without_an_address_is_at_the_channel_path_of_the_settings(project: Project) -> None:
    run = project.export("--consumer", ORDERS, "--output", "-")
    (channel,) = yaml.safe_load(run.stdout)["channels"].values()
    assert channel["address"] == "/ws/shop/"


def test_standard_output_holds_the_document_alone(project: Project) -> None:
    run = project.export("-o", "-", "--format", "json")
    assert "žluťoučký" in run.stdout
    assert json.loads(run.stdout)["asyncapi"] == "3.0.0"
    assert run.stderr == "Wrote the document: 2 channels, 3 operations, 0 warnings\n"
    assert project.export("-o", "-", "-v", "0").stderr == ""
    assert not list(project.root.glob("asyncapi.*"))


def test_check_passes_on_a_fresh_file_and_shows_what_a_stale_one_lacks(project: Project) -> None:
    target = project.root / "asyncapi.yaml"
    missing = project.export("--check")
    assert missing.returncode == 1
    assert "--- /dev/null\n+++ asyncapi.yaml\n" in missing.stdout
    assert "asyncapi.yaml does not exist" in missing.stderr
    assert not target.exists()
    project.export()
    assert project.export("--check").stderr.startswith("asyncapi.yaml is up to date: 2 channels")
    stale = target.read_text(encoding="utf-8").replace("Place an order", "Put an order")
    target.write_text(stale, encoding="utf-8")
    run = project.export("--check")
    assert run.returncode == 1
    assert re.search(r"^-.*Put an order\n\+.*Place an order$", run.stdout, re.MULTILINE)
    assert "asyncapi.yaml is stale" in run.stderr
    assert target.read_text(encoding="utf-8") == stale


def test_check_takes_other_line_ends_for_the_same(project: Project) -> None:
    project.export()
    target = project.root / "asyncapi.yaml"
    target.write_bytes(target.read_bytes().replace(b"\n", b"\r\n"))
    assert project.export("--check").returncode == 0


def test_warnings_are_listed_and_counted_and_can_fail(project: Project) -> None:
    doubtful = ["--consumer", "shop.consumers.DoubtfulConsumer"]
    run = project.export(*doubtful)
    assert run.returncode == 0
    first, last = run.stderr.splitlines()
    assert first.startswith("warning: shop.consumers:DoubtfulConsumer.handle_count: ")
    assert last == "Wrote asyncapi.yaml: 1 channel, 1 operation, 1 warning"
    (project.root / "asyncapi.yaml").write_text("before")
    run = project.export(*doubtful, "--fail-on-warn")
    assert run.returncode == 1
    assert "1 warning, and --fail-on-warn is given: nothing was written" in run.stderr
    assert (project.root / "asyncapi.yaml").read_text() == "before"


def test_a_template_is_filled_and_titled_and_otherwise_as_it_was(
    project: Project, official_parser: OfficialParser
) -> None:
    project.template(TEMPLATE)
    run = project.export("--template", "ours.yaml", "--host", "127.0.0.1:9000", "--protocol", "wss")
    assert run.stderr == "Wrote asyncapi.yaml: 1 channel, 0 operations, 0 warnings\n"
    written = (project.root / "asyncapi.yaml").read_text()
    assert written == TEMPLATE.replace("{{ WS_HOST }}", '"127.0.0.1:9000"').replace("{{ws_protocol}}", "wss").replace(
        "        type: object", "        title: Place\n        type: object"
    )
    official_parser.check(written)
    assert project.export("--template", "ours.yaml", "--format", "json").returncode == 0
    document = json.loads((project.root / "asyncapi.json").read_text())
    assert document["servers"]["main"] == {"host": "localhost:8000", "protocol": "ws"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--consumer", "shop.consumer.OrderConsumer"],
            "the package shop has no module or class 'consumer', did you mean",
        ),
        (["--consumer", "shp.consumers.OrderConsumer"], "there is no module 'shp' to import, did you mean 'shop'?"),
        (
            ["--consumer", "shop.consumers.OrdersConsumer"],
            "module shop.consumers has no 'OrdersConsumer', did you mean 'Order",
        ),
        (["--consumer", "shop.consumers.OrderConsumer.Inner"], "the class shop.consumers.OrderConsumer has no 'Inner'"),
        (
            ["--consumer", "shop.consumers"],
            "shop.consumers is a module; name a consumer class in it; it has OrderConsumer",
        ),
        (["--consumer", "shop.consumers.helper"], "shop.consumers.helper is a function, not a consumer class"),
        (["--consumer", "shop.consumers.served"], "name OrderConsumer itself, without as_asgi()"),
        (["--consumer", "shop.consumers.PlainConsumer"], "declares no action and no event; annotate a method with"),
        (
            ["--consumer", "shop.broken.Consumer"],
            "importing shop.broken failed: ModuleNotFoundError: No module named",
        ),
        (
            ["--consumer", "shop.consumers:OrderConsumer"],
            "has a colon before the class; write shop.consumers.OrderConsumer",
        ),
        (["--consumer", f"{ORDERS}:ws/orders"], f"does not begin with a slash; write {ORDERS}:/ws/orders"),
        (["--consumer", "shop consumers"], "'shop consumers' is no dotted path"),
        (["--consumer", f"{ORDERS}:/ws/{{/"], "'/ws/{/'"),
        (["--host", "ws://example.com"], "names a protocol too; write the host and port only"),
        (["--host", "example.com/ws"], "holds a path; write the host and port only"),
        (["--template", "nowhere.yaml"], "nowhere.yaml: No such file or directory"),
        (["--template", "shop"], "shop: Is a directory"),
        (["--template", "ours.yaml", "--host", "a: b"], "'a: b' is not a host"),
        (["--template", "ours.yaml", "--perspective", "client"], "--perspective goes with consumers"),
        (["--template", "ours.yaml", "-o", "./ours.yaml"], "./ours.yaml is the template itself"),
        (["--check", "-o", "-"], "--check compares with a file"),
        (["-o", "shop"], "shop is a directory"),
        (["-o", "manage.py/asyncapi.yaml"], "cannot write "),
    ],
)
def test_bad_input_is_one_clear_line_and_leaves_the_file(
    project: Project, in_process: Callable[..., None], arguments: list[str], said: str
) -> None:
    project.template(TEMPLATE)
    target = project.root / "asyncapi.yaml"
    target.write_text("before")
    before = sorted(path.name for path in project.root.iterdir())
    with pytest.raises(CommandError) as refusal:
        in_process(*arguments)
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert target.read_text() == "before"
    assert sorted(path.name for path in project.root.iterdir()) == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("asyncapi: 3.0.0\ninfo: [1\n", "ours.yaml: line 3, column 1: not valid YAML: "),
        ("openapi: 3.0.0\n", "ours.yaml: line 1, column 1: not an AsyncAPI document: it has no `asyncapi` key"),
        ("asyncapi: 3.0.0\nhost: {{ HOST }}\n", "ours.yaml: line 2, column 8: "),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_with_its_line(project: Project, text: str, said: str) -> None:
    project.template(text)
    assert said in refused(project.export("--template", "ours.yaml"))
    (project.root / "ours.yaml").write_bytes(b"asyncapi: \xff")
    assert "ours.yaml is not UTF-8 text: byte 10 is 0xff" in refused(project.export("--template", "ours.yaml"))


def test_a_placeholder_that_nothing_fills_is_a_warning_with_its_line(project: Project) -> None:
    project.template(TEMPLATE.replace("'Shop'", "'{{ TITLE }}'"))
    run = project.export("--template", "ours.yaml")
    assert run.stderr.splitlines()[0].startswith("warning: ours.yaml:3: nothing fills {{ TITLE }}; ")
    assert project.export("--template", "ours.yaml", "--fail-on-warn").returncode == 1


def test_consumers_and_a_template_exclude_each_other(project: Project) -> None:
    run = project.export("--consumer", ORDERS, "--template", "ours.yaml")
    assert run.returncode == 2
    assert "not allowed with argument" in run.stderr


def test_an_import_path_that_leads_nowhere_is_one_line_without_a_traceback(project: Project) -> None:
    assert refused(project.export("--consumer", "shop.consumer.X")).startswith(
        "the package shop has no module or class"
    )


def test_a_misspelled_setting_is_one_line(project: Project) -> None:
    assert "did you mean 'TITLE'?" in refused(project.export(MISSPELLED="1"))


def test_a_project_without_annotated_consumers_is_told_what_to_do(project: Project) -> None:
    consumers = project.root / "shop/consumers.py"
    text = consumers.read_text(encoding="utf-8")
    consumers.write_text(re.sub(r"    @document_\w+\([^)]*\)\n", "", text), encoding="utf-8")
    said = refused(project.export())
    assert "nothing to document in the routing of ASGI_APPLICATION: shop.consumers:OrderConsumer, " in said
    assert "declare no message; decorate methods with @ws_handler, or with @document_action" in said


def test_help_teaches_with_examples(project: Project) -> None:
    run = project.export("--help")
    assert "manage.py export_asyncapi -o docs/asyncapi.yaml --check --fail-on-warn" in run.stdout
    assert "--consumer DOTTED.PATH[:/ws/path/]" in run.stdout
