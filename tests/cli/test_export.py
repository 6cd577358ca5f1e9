"""`chanspec export`: the document of any application, as its docs serve it, and as `manage.py` writes it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from chanspec import discovery
from chanspec.cli import main
from tests.conformance import served
from tests.official_parser.plugin import OfficialParser

APP = "tests.conformance.served:app"
DJANGO = Path(__file__).parents[1] / "export" / "project"


def export(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The exit code, the output and the error output of the command."""
    code = main(["export", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_document_is_that_of_the_mounted_docs(
    capsys: pytest.CaptureFixture[str], official_parser: OfficialParser
) -> None:
    code, output, error = export(capsys, APP, "--format", "json", "-o", "-", "--host", "testserver")
    assert code == 0
    with TestClient(served.app) as client:
        assert json.loads(output) == client.get("/ws-docs/asyncapi.json").json()
    assert "0 warnings" in error
    official_parser.check(output)


def test_an_application_without_docs_has_a_document_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["tests.conformance.served:guarded", "--format", "json", "-o", "-", "--protocol", "wss"]
    code, output, _ = export(capsys, *arguments, "--title", "Rooms", "--api-version", "7", "--perspective", "client")
    assert code == 0
    document = json.loads(output)
    assert document["info"] == {"title": "Rooms", "version": "7"}
    assert document["servers"]["default"]["host"] == "localhost:8000"
    assert document["servers"]["default"]["protocol"] == "wss"
    assert document["x-perspective"] == "client"
    assert [each["address"] for each in document["channels"].values()] == ["/rooms/{room}/"]


def test_a_prefix_that_the_application_was_told_of_is_in_the_document(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for root_path, expected in (("/app/", {"pathname": "/app"}), ("/", {}), ("/caf\u00e9", {"pathname": "/caf%C3%A9"})):
        monkeypatch.setattr(served.app, "root_path", root_path, raising=False)
        _, output, _ = export(capsys, APP, "--format", "json", "-o", "-", "--host", "a.example")
        assert json.loads(output)["servers"]["default"] == {"host": "a.example", "protocol": "ws", **expected}


def test_a_host_of_the_command_line_leaves_the_path_that_the_docs_were_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, official_parser: OfficialParser
) -> None:
    docs = discovery.mounted_docs(served.app)
    assert docs is not None
    variables = {"stage": {"default": "v1"}, "region": {"default": "eu"}}
    told = {"host": "{region}.example", "protocol": "wss", "pathname": "/{stage}", "variables": variables}
    monkeypatch.setitem(docs.config, "servers", {"live": told})
    _, output, _ = export(capsys, APP, "--format", "json", "-o", "-", "--host", "a.example")
    official_parser.check(output)
    server = json.loads(output)["servers"]["default"]
    assert (server["host"], server["pathname"]) == ("a.example", "/{stage}")
    assert list(server["variables"]) == ["stage"]
    # A host alone leaves what the application was told.
    monkeypatch.delitem(docs.config, "servers")
    monkeypatch.setitem(docs.config, "host", "b.example")
    monkeypatch.setattr(served.app, "root_path", "/app", raising=False)
    _, output, _ = export(capsys, APP, "--format", "json", "-o", "-")
    assert json.loads(output)["servers"] == {"default": {"host": "b.example", "protocol": "ws", "pathname": "/app"}}


def test_a_file_is_written_by_its_suffix_and_compared_with_check(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target = tmp_path / "docs" / "asyncapi.json"
    code, output, error = export(capsys, APP, "-o", str(target), "--check")
    assert code == 1
    assert "does not exist" in error
    assert not target.exists()
    assert export(capsys, APP, "-o", str(target))[0] == 0
    assert json.loads(target.read_text())["asyncapi"] == "3.0.0"
    code, output, error = export(capsys, APP, "-o", str(target), "--check")
    assert (code, output) == (0, "")
    assert "is up to date" in error
    target.write_text(target.read_text().replace("crash_on_zero", "crash_on_one"))
    code, output, error = export(capsys, APP, "-o", str(target), "--check")
    assert code == 1
    assert "is stale" in error
    assert "+" in output
    assert "crash_on_one" in target.read_text()


def test_named_consumers_need_no_application(capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = export(
        capsys, "--consumer", "tests.conformance.served.Room:/ws/room/", "--format", "json", "-o", "-"
    )
    assert code == 0
    assert [each["address"] for each in json.loads(output)["channels"].values()] == ["/ws/room/"]


def test_a_template_is_filled_in(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(
        "asyncapi: 3.0.0\nservers:\n  main: {host: '{{ WS_HOST }}', protocol: '{{ WS_PROTOCOL }}'} # ours\n"
    )
    code, output, _ = export(capsys, "--template", str(template), "-o", "-", "--host", "api.example.com")
    assert code == 0
    assert "{host: 'api.example.com', protocol: 'ws'} # ours" in output
    code, _, error = export(capsys, "--template", str(template), "-o", str(template))
    assert code == 2
    assert "lose its placeholders" in error


def in_django(root: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=root,
        env={**kept, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_a_django_project_is_exported_as_manage_py_does_it(tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(DJANGO, root)
    expected = in_django(root, "manage.py", "export_asyncapi", "-o", "-")
    assert expected.returncode == 0, expected
    for arguments, environment in (
        (["--settings", "shop.settings"], {}),
        (["shop.asgi:application"], {"DJANGO_SETTINGS_MODULE": "shop.settings"}),
    ):
        made = in_django(root, "-m", "chanspec", "export", *arguments, "-o", "-", **environment)
        assert (made.returncode, made.stdout) == (0, expected.stdout), made
        assert made.stderr == expected.stderr
    stale = in_django(root, "-m", "chanspec", "export", "--settings", "shop.settings", "--check")
    assert stale.returncode == 1
    assert "does not exist" in stale.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "DJANGO_SETTINGS_MODULE"),
        (["tests.conformance.served:empty"], 1, "nothing to document: no consumer"),
        (["tests.cli.consumers:unfinished"], 1, "Typed: as_asgi, without parentheses, is routed at '/ws'"),
        (["tests.conformance.served.app"], 2, "write module:attribute, as tests.conformance.served:app"),
        (["tests/conformance/served.py"], 2, "write module:attribute, as tests.conformance.served:app"),
        (["tests.conformance.served"], 2, "write module:attribute, as tests.conformance.served:app"),
        (["tests.conformance.served:application"], 2, "has no 'application'; it has app"),
        (["test.conformance.served:app"], 2, "no module 'test.conformance.served', did you mean 'tests.conformance"),
        (
            ["tests.cli.broken:app"],
            2,
            "failed: NameError: name 'undefined' is not defined (tests/cli/broken.py, line 3)",
        ),
        ([APP, "--consumer", "x.Y"], 2, "one of the three"),
        ([APP, "--check", "-o", "-"], 2, "--output"),
        (["--template", "x.yaml", "--perspective", "client"], 2, "--perspective"),
        (["--template", "no-such.yaml"], 1, "no-such.yaml: No such file"),
        ([APP, "--host", "http://x", "-o", "-"], 1, "names a protocol too"),
        (["--consumer", "tests.conformance.served.Rom"], 1, "did you mean 'Room'"),
        (["tests.conformance.served:Room"], 2, "as_asgi()"),
        ([APP, "-o", "/proc/nowhere/asyncapi.yaml"], 1, "cannot write"),
    ],
)
def test_what_cannot_be_exported_is_said_in_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, said: str
) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    result, output, error = export(capsys, *arguments)
    assert (result, output) == (code, "")
    assert said in error
    assert error.count("\n") == 1


def test_settings_that_cannot_be_imported_are_said_in_a_line() -> None:
    ran = in_django(Path.cwd(), "-m", "chanspec", "export", APP, "--settings", "no.such.settings")
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert "DJANGO_SETTINGS_MODULE=no.such.settings" in ran.stderr


def test_warnings_are_printed_and_may_fail(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    target = str(tmp_path / "asyncapi.yaml")
    consumer: Any = ["--consumer", "tests.cli.consumers.Untitled:/ws/"]
    code, _, error = export(capsys, *consumer, "-o", target)
    assert code == 0
    assert "warning: " in error
    code, _, error = export(capsys, *consumer, "-o", target, "--fail-on-warn", "--check")
    assert code == 1
    assert "--fail-on-warn is given" in error
