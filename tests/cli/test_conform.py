"""`chanspec conform` as it is used: applications and servers, its output, its exit codes, and what it refuses."""

from __future__ import annotations

import http.server
import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from chanspec.cli import main
from chanspec.terminal import quoted
from tests.ports import reserved_port

APP = "tests.conformance.served:app"
GUARDED = "tests.conformance.served:guarded"
QUICK = ["--max-examples", "15", "--seed", "3"]
# Where every promised answer comes nothing is waited for, so a busy machine may have all the time it needs.
PATIENCE = ["--reply-timeout", "30", "--max-seconds", "240"]
PATIENT = [*QUICK, *PATIENCE]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The exit code, the output and the error output of a command."""
    code = main(["conform", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def again(output: str) -> list[list[str]]:
    """The commands that findings print, as words without the program's name."""
    return [shlex.split(line.split("again", 1)[1])[1:] for line in output.splitlines() if line.startswith("  again ")]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The host and port of a server of the planted consumers."""
    listener = socket.create_server(("127.0.0.1", 0))
    from tests.conformance.served import app

    running = uvicorn.Server(uvicorn.Config(app, log_level="critical", log_config=None, ws="websockets-sansio"))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"127.0.0.1:{listener.getsockname()[1]}"
    running.should_exit = True
    thread.join(60)
    assert not thread.is_alive(), "the server did not stop"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file with the document of the planted consumers."""
    path = tmp_path_factory.mktemp("document") / "asyncapi.json"
    assert main(["export", APP, "-o", str(path)]) == 0
    return str(path)


# An application in this process


@pytest.mark.parametrize(
    "channel", ["crash_on_zero", "crash_on_the_third", "wrong_type", "plain_crash_on_malformed_json"]
)
def test_a_finding_prints_the_command_that_shows_it_again(capsys: pytest.CaptureFixture[str], channel: str) -> None:
    code, output, _ = run(capsys, APP, "--channel", channel, *PATIENT)
    assert code == 1
    [command] = again(output)
    first = output.splitlines()[:2]
    code = main(command)
    assert code == 1
    assert capsys.readouterr().out.splitlines()[:2] == first


def test_an_application_that_keeps_its_document_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    code, output, progress = run(capsys, APP, "--channel", "nothing", "--channel", "plain_nothing", *PATIENT)
    assert (code, output.partition(":")[0]) == (0, "no finding")
    assert "seed 3" in output
    assert "nothing: order" in progress


def test_the_progress_is_a_bar_on_a_terminal() -> None:
    command = [sys.executable, "-m", "chanspec", "conform", APP, "--channel", "nothing", "--max-examples", "3"]
    command += PATIENCE
    script = f"import pty, sys; sys.exit(pty.spawn({command!r}) >> 8)"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=100, check=False)
    assert shown.returncode == 0, shown
    assert b"\x1b[" in shown.stdout
    assert "━".encode() in shown.stdout
    assert b"no finding" in shown.stdout


def test_a_connection_that_is_refused_is_not_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = run(capsys, GUARDED, "--path", "room=a", *QUICK)
    assert code == 2
    assert "not tested: room" in output
    assert "--query" in output


def test_an_address_with_a_parameter_wants_its_value(capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = run(capsys, GUARDED, *QUICK)
    assert code == 2
    assert "--path room=" in output


def test_a_limit_of_messages_a_second_is_kept_to(capsys: pytest.CaptureFixture[str]) -> None:
    code, output, _ = run(capsys, GUARDED, "--path", "room=a", "--query", "name=Ada", *PATIENT)
    assert code == 0, output


def test_the_origin_can_be_another_or_none(capsys: pytest.CaptureFixture[str]) -> None:
    for origin in ("https://elsewhere.example", ""):
        code, output, _ = run(
            capsys,
            GUARDED,
            "--path",
            "room=a",
            "--query",
            "name=Ada",
            "--origin",
            origin,
            *QUICK,
            "--max-examples",
            "2",
        )
        assert code == 2
        assert "403" in output


def test_what_may_be_secret_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    secrets = ["--query", "t=s3cret", "--cookie", "sessionid=s3cret", "--header", "X-Token=s3cret"]
    code, output, progress = run(capsys, APP, "--channel", "wrong_type", *secrets, *QUICK)
    assert code == 1
    assert "s3cret" not in output + progress
    assert '--query t="$T" --header X-Token="$X_TOKEN" --cookie sessionid="$SESSIONID"' in output


def test_words_of_a_command_are_quoted_for_a_shell() -> None:
    assert quoted(["--query", "t=$T", "--message", '{"a": "$(rm)"}', "a b=$X"]) == (
        """--query t="$T" --message '{"a": "$(rm)"}' 'a b=$X'"""
    )


def test_a_start_up_runs_and_its_failure_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, output, _ = run(capsys, "tests.conformance.served:starting", *PATIENT)
    assert code == 0, output
    monkeypatch.setenv("FAIL_AT_START", "1")
    code, _, error = run(capsys, "tests.conformance.served:starting", *QUICK)
    assert code == 2
    assert "start-up failed" in error


def test_given_messages_are_sent_in_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = (json.dumps({"action": "order", "payload": {"name": "x", "count": count}}) for count in (1, 0))
    base = [APP, "--channel", "crash_on_zero", "--action", "order"]
    assert run(capsys, *base, "--message", good, "--reply-timeout", "30")[0] == 0
    code, output, _ = run(capsys, *base, "--message", good, "--message", bad)
    assert code == 1
    assert "ZeroDivisionError" in output


# A running server


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        ("nothing", None),
        ("crash_on_zero", "crash"),
        ("missing_field", "wrong message"),
        ("closes_on_invalid", "closed"),
        ("plain_crash_on_malformed_json", "closed"),
        ("plain_undocumented_event", "undocumented message"),
    ],
)
def test_a_running_server_is_tried_by_its_own_document(
    capsys: pytest.CaptureFixture[str], server: str, channel: str, kind: str | None
) -> None:
    code, output, _ = run(capsys, f"http://{server}/ws-docs/asyncapi.json", "--channel", channel, *PATIENT)
    assert code == (1 if kind else 0), output
    assert set(re.findall(r"^([\w ]+): \w+, ", output, re.MULTILINE)) == ({kind} if kind else set()), output


def test_the_address_of_a_channel_is_tried_with_a_document_from_a_file(
    capsys: pytest.CaptureFixture[str], server: str, document: str
) -> None:
    code, output, _ = run(capsys, f"ws://{server}/ws/wrong_type", "--document", document, *PATIENT)
    assert code == 1
    assert "1 finding" in output
    assert "wrong message: wrong_type, order" in output


@pytest.mark.parametrize(
    ("address", "said"), [("", "no finding"), ("/", "refused with status"), ("/ws/nothing", "no finding")]
)
def test_the_pathname_of_the_server_comes_before_addresses_unless_the_address_says_where_they_are(
    capsys: pytest.CaptureFixture[str], server: str, document: str, tmp_path: Path, address: str, said: str
) -> None:
    described = json.loads(Path(document).read_text())
    for each in described["channels"].values():
        each["address"] = each["address"].removeprefix("/ws")
    described["servers"] = {"production": {"host": "example.com", "protocol": "wss", "pathname": "/ws"}}
    path = tmp_path / "asyncapi.json"
    path.write_text(json.dumps(described))
    arguments = ["--document", str(path), "--channel", "nothing", "--action", "ping", "--max-examples", "1"]
    _, output, error = run(capsys, f"ws://{server}{address}", *arguments, *PATIENCE)
    assert said in output, output + error


def test_a_server_that_is_not_there_is_2(capsys: pytest.CaptureFixture[str], document: str) -> None:
    with reserved_port() as port:
        code, _, error = run(capsys, f"http://127.0.0.1:{port}/asyncapi.json")
        assert code == 2
        assert "refused" in error
        code, output, _ = run(capsys, f"ws://127.0.0.1:{port}", "--document", document, "--channel", "nothing")
    assert code == 2
    assert "cannot connect" in output


class _LeadsAway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", "http://elsewhere.example/asyncapi.json")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def leads_away() -> Iterator[str]:
    """The host and port of a server that redirects everything to another machine."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _LeadsAway) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


def test_redirects_are_not_followed_to_other_machines(
    capsys: pytest.CaptureFixture[str], leads_away: str, document: str
) -> None:
    code, _, error = run(capsys, f"http://{leads_away}/asyncapi.json")
    assert code == 2
    assert "elsewhere.example, which is not asked" in error
    code, output, _ = run(capsys, f"ws://{leads_away}", "--document", document, "--channel", "nothing")
    assert code == 2
    assert "302" in output


# What is refused


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ws://api.example.com", "--document", "x.yaml"], "--allow-remote api.example.com"),
        (["wss://10.0.0.1:8000", "--document", "x.yaml"], "not this machine"),
        (["http://192.168.1.1/asyncapi.json"], "not this machine"),
        (["ws://127.0.0.1.example.com", "--document", "x.yaml"], "not this machine"),
        (["ws://127.0.0.1:1", "--document", "http://api.example.com/asyncapi.json"], "not on the server's host"),
        (["ws://127.0.0.1:1"], "--document"),
        (["ws://user:pw@127.0.0.1:1", "--document", "x.yaml"], "--header"),
        (["ftp://127.0.0.1:1"], "no address of a server"),
        (["ws://127.0.0.1:1", "--document", "no-such-file.yaml"], "no-such-file.yaml: No such file"),
        ([APP, "--document", "pyproject.toml"], "pyproject.toml"),
        ([APP, "--document", "tests/export/project/manage.py"], "manage.py: line 1, column 3"),
        ([APP, "--document", "viewer/package.json"], "not an AsyncAPI document of version 3"),
        (["tests.conformance.served"], "module:attribute"),
        (["tests.conformance.served.app"], "tests.conformance.served:app"),
        (["tests.conformance.servd:app"], "no module"),
        (["tests.conformance.served:ap"], "did you mean 'app'"),
        (["tests.conformance.served:number"], "no ASGI application but an int"),
        (["tests.conformance.served:Room"], "as_asgi()"),
        (["tests.conformance.served:empty"], "no consumer that declares messages"),
        ([APP, "--action", "odrer"], "did you mean 'order'"),
        ([APP, "--channel", "nothin"], "did you mean 'nothing'"),
        ([APP, "--exclude", "nothin"], "did you mean 'nothing'"),
        ([APP, "--frame", "not-jsn"], "did you mean 'not-json'"),
        ([APP, "--message", "{}"], "--message needs --action"),
        (["127.0.0.1:8000"], "write ws://127.0.0.1:8000 and --document"),
        (["localhost:8000/ws/"], "write ws://localhost:8000/ws/ and --document"),
        (["tests/conformance/served.py"], "module:attribute, as tests.conformance.served:app"),
        (
            ["tests.conformanc.served:app"],
            "no module 'tests.conformanc.served', did you mean 'tests.conformance.served'",
        ),
    ],
)
def test_wrong_usage_is_2_with_the_cure(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    code, output, error = run(capsys, *arguments)
    assert (code, output) == (2, "")
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "option", [["--query", "x"], ["--header", "A=b\r\nC: d"], ["--max-examples", "0"], ["--max-seconds", "nan"]]
)
def test_an_option_that_is_wrong_is_2(capsys: pytest.CaptureFixture[str], option: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["conform", APP, *option])
    assert exit_.value.code == 2
    assert option[0] in capsys.readouterr().err


def test_a_host_that_is_named_expressly_may_be_tried(capsys: pytest.CaptureFixture[str], document: str) -> None:
    # The name is none that anybody could have (RFC 6761, 6.4): that it is asked for is all there is to see.
    code, output, _ = run(
        capsys,
        "ws://nobody.invalid",
        "--document",
        document,
        "--channel",
        "nothing",
        "--allow-remote",
        "nobody.invalid",
    )
    assert code == 2
    assert "cannot connect to ws://nobody.invalid" in output


@pytest.mark.parametrize("missing", ["hypothesis", "websockets"])
def test_a_missing_library_names_the_extra(missing: str) -> None:
    script = f"import sys; sys.modules[{missing!r}] = None; from chanspec.cli import main; sys.exit(main(sys.argv[1:]))"
    arguments = ["conform", "ws://127.0.0.1:1", "--document", "tests/documents/golden/dispatch.yaml"]
    ran = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=100, check=False
    )
    assert ran.returncode == 2
    assert 'pip install "chanspec[conform]"' in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_run_that_is_interrupted_says_what_it_had_found() -> None:
    command = [sys.executable, "-m", "chanspec", "conform", APP, "--max-examples", "500", "--seed", "3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while not process.stderr.readline().startswith("found:"):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        output, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "  again     chanspec conform" in output
    assert "note: the run was stopped before everything was tried" in output
    assert "Traceback" not in error
