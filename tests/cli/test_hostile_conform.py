"""Documents and servers that want to do harm to `chanspec conform`: what is not tried is said, and nothing is faked."""

from __future__ import annotations

import json
import resource
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chanspec.cli import main
from chanspec.conformance import budget, schemas
from chanspec.conformance.budget import Budget
from chanspec.conformance.document import read
from chanspec.conformance.in_process import InProcess
from chanspec.conformance.options import Options
from chanspec.conformance.run import run
from chanspec.conformance.samples import Samples
from chanspec.conformance.schemas import DocumentError
from chanspec.conformance.sizes import Sizes
from chanspec.conformance.strategies import DEPTHS, Generator
from chanspec.conformance.transport import MAX_PATH, Handshake, address_of
from tests import hostile_templates as hostile
from tests.conformance.quiet import HARMFUL, answering

Payload = tuple[Callable[[], dict[str, Any]], str | None]
ANSWERING = "tests.conformance.quiet:answering"
PATIENT = ["--seed", "1", "--max-examples", "5", "--reply-timeout", "30"]
ADDRESS_SPACE = 1 << 30


def limited() -> None:
    """Give the process less memory than the worst of these documents took."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))


def written(tmp_path: Path, document: Any) -> str:
    path = tmp_path / "asyncapi.json"
    path.write_text(json.dumps(document))
    return str(path)


def with_channel(key: str) -> dict[str, Any]:
    """A document whose channel has another key."""
    document = hostile.document_with({"type": "integer"})
    document["channels"] = {key: document["channels"]["c"]}
    inside = f"#/channels/{key.replace('~', '~0').replace('/', '~1')}"
    for each in document["operations"].values():
        each["channel"] = {"$ref": inside}
        each["messages"] = [{"$ref": inside + one["$ref"].removeprefix("#/channels/c")} for one in each["messages"]]
    return document


def is_harmless(output: str) -> bool:
    """Whether each line is one that a terminal and a CI service take for text."""
    lines = output.splitlines()
    return all(each.isprintable() and not each.lstrip().startswith("::") and "##[" not in each for each in lines)


@pytest.mark.parametrize("payload", [pytest.param(each, id=name) for name, each in hostile.PAYLOADS.items()])
def test_a_message_that_cannot_be_made_is_not_passed_over(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, payload: Payload
) -> None:
    made, said = payload
    code = main(["conform", ANSWERING, "--document", written(tmp_path, made()), "--max-seconds", "240", *PATIENT])
    output, error = capsys.readouterr()
    assert is_harmless(output + error)
    if said is None:
        assert (code, output.partition(":")[0]) == (0, "no finding"), output + error
        return
    assert code == 2
    assert said in output + error
    if output:  # else it is no document
        assert "not tested: " in output
        assert "messages to 1 action of 1 channel" in output


@pytest.mark.parametrize("name", hostile.PAYLOADS)
def test_the_steps_of_a_message_are_counted_and_end(name: str) -> None:
    made, _ = hostile.PAYLOADS[name]
    try:
        api = read(made(), budget=Budget(240))
    except DocumentError:
        return
    sizes = Sizes(api.schemas)
    generators = [Generator(api.schemas, depth, sizes) for depth in DEPTHS]
    for action in api.channels[0].actions:
        samples = Samples(action, api.schemas, generators, 1)
        assert samples.bases or samples.problem
        assert all(len(json.dumps(each)) <= 2 * budget.LARGEST_MESSAGE for each in samples.bases)
        assert samples.account.taken < 1.2 * budget.STEPS
    assert api.schemas._kept <= schemas.MAX_KEPT


@pytest.mark.parametrize("name", ["nested_min_items", "nested_optional_min_items", "min_length", "required_references"])
def test_a_run_fits_into_little_memory(tmp_path: Path, name: str) -> None:
    made, said = hostile.PAYLOADS[name]
    command = [sys.executable, "-m", "chanspec", "conform", ANSWERING, "--document", written(tmp_path, made())]
    ran = subprocess.run(
        [*command, *PATIENT], capture_output=True, text=True, timeout=250, preexec_fn=limited, check=False
    )
    assert ran.returncode == (0 if said is None else 2), ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    assert (said or "no finding") in ran.stdout


@pytest.mark.parametrize("name", ["branching_recursion", "optional_references", "many_alternatives", "nothing_matches"])
def test_the_time_of_a_run_is_kept_to_while_messages_are_made(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(budget, "STEPS", 10**12)  # the steps must not be what ends it
    monkeypatch.setattr(budget.Account.__init__, "__defaults__", (10**12,))
    made, _ = hostile.PAYLOADS[name]
    arguments = ["--document", written(tmp_path, made()), "--max-seconds", "1", "--max-examples", "100000"]
    code = main(["conform", ANSWERING, *arguments, "--seed", "1"])
    output, error = capsys.readouterr()
    assert "the time was up" in output + error
    assert code == (2 if "not tested" in output or "cannot be read" in error else 0)


def test_what_nobody_had_time_for_is_not_passed() -> None:
    document = hostile.document_with({"type": "integer"})
    document["channels"]["other"] = {**document["channels"]["c"], "address": "/other"}
    report = run(read(document), InProcess(answering, Handshake()), Options(), is_stopped=lambda: True)
    assert not report.ok
    assert [each.partition(":")[0] for each in report.untested] == ["c"]
    assert "the time was up" in report.untested[0]


def test_a_run_that_has_no_time_to_read_the_document_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = written(tmp_path, hostile.chain_of_references())
    code = main(["conform", ANSWERING, "--document", path, "--max-seconds", "0.000001"])
    output, error = capsys.readouterr()
    assert (code, output) == (2, "")
    assert error.endswith("the document cannot be read: the time was up while reading it\n")


def test_a_document_cannot_fake_what_a_run_reports(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    document = with_channel(HARMFUL)
    document["operations"][HARMFUL] = document["operations"].pop("go")
    document["channels"][HARMFUL]["messages"]["Go"]["payload"]["properties"]["action"]["const"] = HARMFUL
    path = written(tmp_path, document)
    code = main(["conform", "tests.conformance.quiet:hostile", "--document", path, *PATIENT])
    output, progress = capsys.readouterr()
    assert code in (1, 2)
    assert is_harmless(output + progress)
    assert [each for each in output.splitlines() if each.startswith("no finding")] == []
    assert r"a\n::error::fake" in output


def test_what_a_hostile_server_says_is_shown_without_effect(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = written(tmp_path, hostile.document_with({"type": "integer"}))
    arguments = ["--document", path, "--action", "go", "--message", '{"action": "go", "p": 1}']
    code = main(["conform", "tests.conformance.quiet:hostile", *arguments, *PATIENT])
    output, progress = capsys.readouterr()
    assert code in (1, 2)
    assert is_harmless(output + progress)


def test_the_bar_on_a_terminal_shows_names_without_effect(tmp_path: Path) -> None:
    document = with_channel("x[bold]\x1b[5m")
    command = [sys.executable, "-m", "chanspec", "conform", ANSWERING, "--document", written(tmp_path, document)]
    script = f"import pty, sys; sys.exit(pty.spawn({[*command, *PATIENT]!r}) >> 8)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=200, check=False)
    assert ran.returncode == 0, ran
    assert b"x[bold]\\x1b[5m" in ran.stdout
    assert b"\x1b[5m" not in ran.stdout


def test_the_command_of_a_finding_names_a_harmful_channel_as_it_is(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    key = "x\x1b[5m '\\"
    document = with_channel(key)
    path = written(tmp_path, document)
    code = main(["conform", "tests.conformance.quiet:hostile", "--document", path, *PATIENT, "--frame", "not-json"])
    output, _ = capsys.readouterr()
    if code == 2:
        pytest.fail(output)
    line = next(each for each in output.splitlines() if each.startswith("  again"))
    words = subprocess.run(
        ["bash", "-c", f"printf '%s\\0' {line.split('again', 1)[1]}"], capture_output=True, timeout=60, check=True
    ).stdout.decode()
    assert key in words.split("\0")
    assert shlex.quote(key) not in output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"channels": {"c": 5}}, "the channel 'c' is no object"),
        ({"channels": []}, "leads nowhere in the document"),
        ({"operations": {"go": []}}, "the operation 'go' is no object"),
        ({"operations": {"go": {"action": "receive", "channel": 7}}}, "the channel of the operation 'go' is no object"),
        ({"x-perspective": ["server"]}, "x-perspective is server or client, not 'list'"),
        ({"asyncapi": {"a": "3."}}, "not an AsyncAPI document of version 3"),
        ({"channels": {"c": {"address": "/", "messages": {"Ping": 1, "Go": 2, "Pong": 3}}}}, "is no object"),
        (
            {
                "channels": {
                    "c": {"address": "/", "messages": {name: {"payload": "x"} for name in ("Ping", "Go", "Pong")}}
                }
            },
            "the payload of the message 'Ping' is no schema",
        ),
    ],
)
def test_a_document_of_another_shape_is_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    document = {**hostile.document_with({"type": "integer"}), **change}
    code = main(["conform", ANSWERING, "--document", written(tmp_path, document), *PATIENT])
    output, error = capsys.readouterr()
    assert (code, output) == (2, "")
    assert error.count("\n") == 1
    assert said in error


@pytest.mark.parametrize(
    "schema",
    [
        {"minimum": "abc"},
        {"required": 5},
        {"properties": [1]},
        {"type": "strin"},
        {"items": 4},
        {"allOf": {"a": 1}},
    ],
)
@pytest.mark.parametrize("is_referred_to", [True, False])
def test_what_is_no_schema_is_refused_in_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, schema: Any, is_referred_to: bool
) -> None:
    document = hostile.document_with(hostile.ref("S") if is_referred_to else schema, S=schema)
    code = main(["conform", ANSWERING, "--document", written(tmp_path, document), *PATIENT])
    output, error = capsys.readouterr()
    assert code == 2, output + error
    assert "S' is not a JSON Schema of Draft 7" in error if is_referred_to else "not a JSON Schema of Draft 7" in error


def test_values_of_an_address_are_filled_in_once_and_to_a_length() -> None:
    values = {chr(97 + index): f"{{{chr(98 + index)}}}" * 2 for index in range(25)}
    assert address_of("/{a}", {**values, "a": "{b}{b}"}) == "/%7Bb%7D%7Bb%7D"
    with pytest.raises(ValueError, match=f"longer than {MAX_PATH:,} characters"):
        address_of("/{a}" * 1000, {"a": "x" * 1000})
    with pytest.raises(KeyError, match="b"):
        address_of("/{a}/{b}", {"a": "1"})
