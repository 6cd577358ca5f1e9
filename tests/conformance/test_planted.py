"""Every planted drift is found, and nothing else; and a finding shows itself again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chanspec.conformance import assert_conforms, channel_run, check, pinning
from tests.conformance.conftest import SORTS, app_of
from tests.conformance.planted import typed
from tests.conformance.planted.registry import Planted

QUICK: Any = {"reply_seconds": 1.0, "max_seconds": 240.0, "max_examples": 24}
# Only answers that do not come are waited for in vain. Where all of them come, a busy machine may have all its time.
PATIENT: Any = {**QUICK, "reply_seconds": 20.0}
SILENCES = ("no reply", "invalid accepted", "does not work afterwards")

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No time limit on making findings small: how small they get must not depend on how busy the machine is."""
    monkeypatch.setattr(channel_run, "HURRIED_SECONDS", 1.0)
    monkeypatch.setattr(channel_run, "SHRINK_SECONDS", 100.0)
    monkeypatch.setattr(pinning, "SECONDS", 100.0)


def test_a_planted_drift_is_found_and_nothing_else(case: tuple[str, Planted]) -> None:
    sort, planted = case
    report = check(app_of(sort, planted), **(QUICK if planted.kind in SILENCES else PATIENT))
    assert {each.kind for each in report.findings} == ({planted.kind} if planted.kind else set()), str(report)
    assert report.untested == []
    if planted.action is not None:
        assert report.findings[0].action == planted.action, str(report)


@pytest.mark.usefixtures("unhurried")
def test_a_run_is_the_same_for_the_same_seed() -> None:
    planted = typed.planted["crash_on_letters"]
    one, other = (check(app_of("fastapi-typed", planted), seed=5, **QUICK) for _ in range(2))
    assert [each.messages for each in one.findings] == [each.messages for each in other.findings]
    assert one.messages == other.messages


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("crash_on_empty_text", {"action": "order", "payload": {"count": 0, "name": ""}}),
        ("crash_on_zero", {"action": "order", "payload": {"count": 0, "name": ""}}),
        ("crash_on_a_combination", {"action": "order", "payload": {"name": "", "count": -6, "tags": ["", ""]}}),
    ],
)
def test_a_finding_is_minimal(name: str, message: dict[str, Any]) -> None:
    report = check(app_of("fastapi-typed", typed.planted[name]), **QUICK)
    [finding] = report.findings
    assert [json.loads(text) for text in finding.messages] == [message]


@pytest.mark.usefixtures("unhurried")
def test_what_one_message_does_not_show_is_shown_by_as_few_as_it_takes() -> None:
    report = check(app_of("fastapi-typed", typed.planted["crash_on_the_third"]), **QUICK)
    [finding] = report.findings
    assert [json.loads(text)["action"] for text in finding.messages] == ["order"] * 3


@pytest.mark.parametrize("sort", ["fastapi-typed", "django-annotated"])
def test_assert_conforms_says_what_was_found(sort: str) -> None:
    planted, _, _ = SORTS[sort]
    with pytest.raises(AssertionError, match="undocumented message") as failure:
        assert_conforms(app_of(sort, planted["undocumented_event"]), **PATIENT)
    assert "does not keep its document" in str(failure.value)
    assert_conforms(app_of(sort, planted["nothing"]), **PATIENT)


async def test_a_run_inside_an_event_loop_is_refused() -> None:
    with pytest.raises(RuntimeError, match="ordinary test function"):
        check(app_of("fastapi-typed", typed.planted["nothing"]))
