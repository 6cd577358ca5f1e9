"""The example's pages, its documents, and its own command line and tests."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.demo.conftest import EXAMPLE, Demo, environment
from tests.official_parser.plugin import OfficialParser

DOCUMENTS = [
    "/ws-docs/asyncapi.yaml",
    "/ws-docs/dispatch/asyncapi.yaml",
    "/ws-docs/notifications/asyncapi.yaml",
    "/ws-docs/chat/asyncapi.yaml",
]

pytestmark = pytest.mark.usefixtures("built_page")


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the example's manage.py to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=EXAMPLE,
        env=environment(**{"DISPATCH_DATABASE": ":memory:", **variables}),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_demo_prints_where_it_is_and_whom_it_made(demo: Demo) -> None:
    assert f"{demo.url}/ws-docs/" in demo.printed
    assert "rider" in demo.printed
    assert "password dispatch-demo" in demo.printed


def test_the_document_of_everything_lists_every_consumer(document: dict[str, Any], demo: Demo) -> None:
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert addresses == {"/ws/dispatch/", "/ws/notifications/", "/ws/rides/{ride_id}/chat/"}
    [server] = document["servers"].values()
    assert (f"http://{server['host']}", server["protocol"]) == (demo.url, "ws")
    assert {scheme["type"] for scheme in document["components"]["securitySchemes"].values()} == {"httpApiKey"}


@pytest.mark.parametrize("path", DOCUMENTS)
def test_every_document_passes_the_official_parser(demo: Demo, path: str, official_parser: OfficialParser) -> None:
    yaml = demo.browser().get(path).text
    official_parser.check(yaml)
    assert YAML(typ="safe").load(yaml) == json.loads(demo.browser().get(f"{path}?format=json").text)


def test_every_example_in_the_document_is_one_the_consumer_takes_or_sends(document: dict[str, Any]) -> None:
    deprecated = [name for name, operation in document["operations"].items() if operation.get("x-deprecated")]
    assert deprecated == ["dispatch_cancel_ride"]
    with_examples = [name for name, each in document["components"]["messages"].items() if "examples" in each]
    assert "DispatchRequestRide" in with_examples
    assert "DispatchRideOffer" in with_examples


@pytest.mark.parametrize("path", ["/", "/login/", "/ws-docs/", "/static/dispatch/site.css", "/no-such-page/"])
def test_every_page_has_the_strict_policy(demo: Demo, path: str) -> None:
    policy = demo.browser().get(path).headers["Content-Security-Policy"]
    if path.startswith("/static/"):
        return  # served beside Django's middleware; a policy matters for documents
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "script-src" not in policy


@pytest.mark.parametrize("path", ["/", "/login/", "/ws-docs/"])
@pytest.mark.parametrize("username", [None, "rider", "driver"])
def test_every_asset_a_page_names_is_served_from_here(demo: Demo, path: str, username: str | None) -> None:
    browser = demo.browser(username)
    page = browser.get(path)
    assert page.status == 200
    named = re.findall(r"""<(?:script|link|img)\b[^>]*\b(?:src|href)="([^"]+)""", page.text)
    assert named
    for asset in named:
        assert not re.match(r"\w+:|//", asset)
        answer = browser.get(page.url + asset.replace("&amp;", "&") if asset.startswith("?") else asset)
        assert answer.status == 200, asset


def test_a_wrong_password_is_told(demo: Demo) -> None:
    browser = demo.browser()
    browser.get("/login/")
    page = browser.post("/login/", {"username": "rider", "password": "wrong"})
    assert 'role="alert"' in page.text
    assert "Log out" not in page.text


def test_a_token_takes_a_log_in_and_a_post(demo: Demo) -> None:
    assert "/login/" in demo.browser().get("/token/").url
    rider = demo.browser("rider")
    assert rider.get("/token/").url == demo.url + "/"
    page = rider.post("/token/", {}, Accept="text/html")
    assert "ws/dispatch/?token=" in page.text
    assert "no-store" in page.headers["Cache-Control"]


def test_a_taken_port_is_one_clear_line(tmp_path: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = manage("demo", PORT=port, DISPATCH_DATABASE=str(tmp_path / "demo.sqlite3"))
    assert done.returncode == 1
    assert done.stderr.strip() == f"CommandError: Port {port} is taken: choose another, as in `make demo PORT=8001`."
    assert not (tmp_path / "demo.sqlite3").exists()


@pytest.mark.parametrize("port", ["http", "-1", "70000", "8000x"])
def test_a_port_that_is_none_is_one_clear_line(port: str) -> None:
    done = manage("demo", PORT=port)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert port in done.stderr


def test_without_debug_a_secret_key_is_demanded() -> None:
    done = manage("check", DISPATCH_DEBUG="0")
    assert done.returncode != 0
    assert "DISPATCH_SECRET_KEY" in done.stderr


def test_the_examples_own_tests_pass_and_its_migrations_are_complete() -> None:
    done = manage("test", "--noinput")
    assert done.returncode == 0, done.stderr
    assert re.search(r"Ran [1-9]\d* tests", done.stderr)
    done = manage("makemigrations", "--check", "--dry-run")
    assert done.returncode == 0, done.stdout
