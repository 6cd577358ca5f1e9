"""A project of annotated consumers, with nothing of chanspec's own in it, answers as its readers know it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import yaml

from tests.dropin.conftest import DROPIN, Samples
from tests.official_parser.plugin import OfficialParser

pytestmark = pytest.mark.usefixtures("built_page")


@pytest.fixture(scope="module")
def project(samples: Samples) -> Path:
    return samples.folder / "rides"


@pytest.fixture(scope="module")
def answers(project: Path) -> dict[str, Any]:
    """What the project's probe prints; it fails where `manage.py check` or Python warns of anything."""
    run = python(project, "-W", "error", "probe.py")
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def python(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env={**environment, "PYTHONPATH": str(DROPIN), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def document(answers: dict[str, Any], url: str) -> Any:
    status, media_type, text = answers["pages"][url]
    assert (status, media_type) == (200, "application/yaml")
    return yaml.safe_load(text)


def kinds(document: dict[str, Any]) -> dict[str, str]:
    return {name: operation["action"] for name, operation in document["operations"].items()}


def page(answers: dict[str, Any], url: str) -> tuple[str, list[dict[str, str]]]:
    """The page's HTML, and the documents that it offers."""
    status, media_type, text = answers["pages"][url]
    assert (status, media_type) == (200, "text/html; charset=utf-8")
    config = text.partition('id="chanspec-config">')[2].partition("</script>")[0]
    return text, json.loads(config)["documents"]


def test_the_quick_start_is_documented_from_the_client_s_side(
    answers: dict[str, Any], official_parser: OfficialParser
) -> None:
    found = document(answers, "/ws-docs/asyncapi.yaml")
    official_parser.check(found)
    assert found["x-perspective"] == "client"
    assert kinds(found) == {
        "request_ride": "send",
        "accept_offer": "send",
        "ride_offer": "receive",
        "ride_accepted": "receive",
    }
    assert found["info"] == {
        "title": "Dispatch API",
        "version": "1.0.0",
        "description": "Real-time ride and delivery dispatch.",
    }
    assert [each["address"] for each in found["channels"].values()] == ["/ws/dispatch/"]
    assert found["servers"]["production"]["host"] == "api.example.com"
    schemes = found["components"]["securitySchemes"].values()
    assert {(each["in"], each["name"]) for each in schemes} == {("query", "token"), ("cookie", "sessionid")}
    message = found["components"]["messages"]["RequestRide"]
    assert message["examples"][0]["name"] == "Cash payment"


def test_the_whole_dispatch_example_is_documented(answers: dict[str, Any], official_parser: OfficialParser) -> None:
    found = document(answers, "/api/v1/ws-docs/dispatch/asyncapi.yaml")
    official_parser.check(found)
    assert kinds(found) == {
        "request_ride": "send",
        "accept_offer": "send",
        "ping": "send",
        "cancel_ride": "send",
        "ride_offer": "receive",
        "ride_accepted": "receive",
    }
    messages = found["components"]["messages"]
    assert {"RequestRide", "AcceptOffer", "Ping", "CancelRide", "RideOffer", "RideAccepted"} <= messages.keys()
    text = json.dumps(messages)
    assert '"const": "request_ride"' in text
    assert '"const": "ride.offer"' in text
    assert '"format": "decimal"' in text
    assert messages["RideOffer"]["examples"][0]["payload"]["driver_name"] == "Emeka"


def test_several_consumers_are_one_document_with_prefixed_names(
    answers: dict[str, Any], official_parser: OfficialParser
) -> None:
    found = document(answers, "/all/ws-docs/asyncapi.yaml")
    official_parser.check(found)
    assert {each["address"] for each in found["channels"].values()} == {"/ws/rides/", "/ws/notifications/"}
    assert {name.partition("_")[0] for name in found["operations"]} == {"rides", "notifications"}


def test_the_switcher_offers_a_document_for_each_consumer(answers: dict[str, Any]) -> None:
    _, offered = page(answers, "/api/v1/ws-docs/")
    assert [(each["label"], each["url"]) for each in offered] == [
        ("Dispatch /ws/dispatch/", "/api/v1/ws-docs/dispatch/asyncapi.yaml"),
        ("Notifications /ws/notif/", "/api/v1/ws-docs/notif/asyncapi.yaml"),
    ]
    notified = document(answers, "/api/v1/ws-docs/notif/asyncapi.yaml")
    assert kinds(notified) == {"notif_new": "receive"}


def test_the_views_attributes_go_before_the_settings(answers: dict[str, Any]) -> None:
    found = document(answers, "/whole/acme/asyncapi.yaml")
    assert (found["info"]["title"], found["info"]["version"]) == ("Whole", "9")
    assert found["servers"]["prod"]["host"] == "whole.example.com"
    assert [each["address"] for each in found["channels"].values()] == ["/ws/whole/"]
    assert page(answers, "/static-file/")[1][0]["url"] == "/files/by-hand.yaml"
    assert "<h1>Ours</h1>" in page(answers, "/themed/")[0]


def test_the_page_has_its_template_and_its_files(answers: dict[str, Any]) -> None:
    _, offered = page(answers, "/ws-docs/")
    assert urljoin("/ws-docs/", offered[0]["url"]) == "/ws-docs/asyncapi.yaml"
    assert answers["script"]
    assert answers["template"].endswith("chanspec/docs.html")
    assert answers["pages"]["/ws-docs/?asset=docs.js"][0] == 200


def test_tokens_in_the_query_decide_who_connects(answers: dict[str, Any]) -> None:
    assert answers["handshakes"] == {"nobody": [False, 4401], "ada": [True, None], "stranger": [False, 4401]}


def test_the_generator_is_used_directly(answers: dict[str, Any], official_parser: OfficialParser) -> None:
    for name in ("single", "many", "inherited"):
        official_parser.check(answers[name])
        assert answers[name]["x-perspective"] == "client"
    assert answers["many"]["info"]["title"] == "All Consumers"
    assert yaml.safe_load(answers["yaml"]) == answers["many"]


def test_a_subclass_overrides_and_adds_to_the_actions_of_its_base(answers: dict[str, Any]) -> None:
    operations = answers["inherited"]["operations"]
    assert operations["ping"]["summary"] == "Override ping with more detail"
    assert set(operations) == {"ping", "extra"}


def test_export_writes_one_or_several_consumers(answers: dict[str, Any]) -> None:
    found = yaml.safe_load(answers["exported"])
    assert {each["address"] for each in found["channels"].values()} == {"/ws/dispatch/", "/ws/notifications/"}
    assert set(kinds(found).values()) == {"send", "receive"}
    assert found["x-perspective"] == "client"


def test_export_fills_a_template_written_by_hand(project: Path, tmp_path: Path) -> None:
    target = tmp_path / "asyncapi.yaml"
    source = "dispatch/templates/dispatch/asyncapi.yaml"
    run = python(
        project,
        *("manage.py", "export_asyncapi", "--template", source, "-o", str(target)),
        *("--host", "localhost:8000", "--protocol", "ws"),
    )
    assert run.returncode == 0, run.stderr
    found = yaml.safe_load(target.read_text(encoding="utf-8"))
    assert found["servers"]["main"] == {"host": "localhost:8000", "protocol": "ws"}
    assert found["components"]["messages"]["MessageNew"]["payload"]["title"] == "MessageNew"
