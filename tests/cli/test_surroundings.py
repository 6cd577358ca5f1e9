"""The `chanspec` command in the hands of a shell, and with modules, files and servers as they should not be."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chanspec.cli import documents, main

APP = "tests.conformance.served:app"


def ran(*command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command in a folder, outside of any Django project."""
    kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**kept, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


MAIN = '''
from fastapi import FastAPI
from starlette.routing import WebSocketRoute
from chanspec.decorators import ws_handler
from chanspec.messages import PingMessage, PongMessage
from chanspec.starlette import websocket


class Echo(websocket.AsyncJsonWebsocketConsumer):
    """Says back what it hears, même en français."""

    @ws_handler
    async def handle_ping(self, message: PingMessage) -> PongMessage:
        return PongMessage()


app = FastAPI(routes=[WebSocketRoute("/echo/", Echo.as_asgi())])
'''


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an application, and with modules that fail in several ways."""
    folder = tmp_path_factory.mktemp("project")
    for name, content in {
        "main": MAIN,
        "lacking": "import no_such_library\n",
        "failing": "raise RuntimeError('first line\\nsecond line')\n",
        # Whoever started the tests, as a shell's background job perhaps, may have had them ignore the signal.
        "interrupted": "import os, signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "os.kill(os.getpid(), signal.SIGINT)\nimport time\ntime.sleep(60)\n",
        "bare_settings": "SECRET_KEY = 'x'\n",
    }.items():
        (folder / f"{name}.py").write_text(content, encoding="utf-8")
    return folder


def test_the_console_script_finds_modules_of_its_folder(project: Path) -> None:
    script = Path(sys.executable).with_name("chanspec")
    said = ran(str(script), "export", "main:app", "-o", "-", folder=project, PYTHONIOENCODING="utf-8")
    assert said.returncode == 0, said
    assert "address: /echo/" in said.stdout


@pytest.mark.parametrize("arguments", [["export", "main:app", "-o", "-"], ["migrate", "."]])
def test_a_pipe_that_nobody_reads_is_1_without_a_traceback(project: Path, tmp_path: Path, arguments: list[str]) -> None:
    (project / "old.py").write_text("from chanx.core.decorators import ws_handler\n")
    reads, writes = os.pipe()
    os.close(reads)
    with (tmp_path / "errors").open("w+") as errors:
        command = [sys.executable, "-m", "chanspec", *arguments]
        kept = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        code = subprocess.run(command, cwd=project, env=kept, stdout=writes, stderr=errors, timeout=100).returncode
        os.close(writes)
        errors.seek(0)
        assert "Traceback" not in errors.read()
    assert code == 1


def test_ctrl_c_is_130_without_a_traceback(project: Path) -> None:
    said = ran("-m", "chanspec", "export", "interrupted:app", folder=project)
    assert (said.returncode, said.stdout, said.stderr) == (130, "", "")


def test_an_output_that_takes_no_letters_of_the_document_is_named(project: Path) -> None:
    said = ran("-m", "chanspec", "export", "main:app", "-o", "-", folder=project, PYTHONIOENCODING="ascii")
    assert said.returncode == 1
    assert "standard output is not UTF-8 (ascii): set PYTHONIOENCODING=utf-8" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "said"),
    [
        (
            ["export", "lacking:app"],
            {},
            2,
            "importing lacking failed: ModuleNotFoundError: No module named",
        ),
        (["export", "failing:app"], {}, 2, "importing failing failed: RuntimeError: first line second line"),
        (["export", "mian:app"], {}, 2, "there is no module 'mian', did you mean 'main'?"),
        (["conform"], {}, 2, "set DJANGO_SETTINGS_MODULE (or pass --settings)"),
        (["conform", "--settings", "bare_settings"], {}, 2, "ASGI_APPLICATION"),
        (["export"], {"DJANGO_SETTINGS_MODULE": "bare_settings"}, 2, "ASGI_APPLICATION"),
    ],
)
def test_what_is_wrong_with_a_module_is_said_in_a_line(
    project: Path, arguments: list[str], environment: dict[str, str], code: int, said: str
) -> None:
    done = ran("-m", "chanspec", *arguments, folder=project, **environment)
    assert (done.returncode, done.stdout) == (code, ""), done
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_missing_framework_names_the_extra(project: Path) -> None:
    script = "import sys; sys.modules['channels'] = None; from chanspec.cli import main; sys.exit(main(sys.argv[1:]))"
    done = ran("-c", script, "conform", "--settings", "bare_settings", folder=project)
    assert done.returncode == 2
    assert 'pip install "chanspec[channels]"' in done.stderr


def test_the_title_of_a_django_project_is_not_an_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "-o", "-", "--title", "Rides"]) == 2
    assert "CHANSPEC['TITLE']" in capsys.readouterr().err


def test_warnings_are_printed_and_may_fail_without_django_too(project: Path) -> None:
    (project / "untitled.py").write_text(
        "from chanspec import document_action\n\n\nclass Untitled:\n"
        "    @document_action(action='go', examples=[{'summary': 'It has no payload.'}])\n"
        "    async def handle_go(self, content): ...\n"
    )
    command = ["-m", "chanspec", "export", "--consumer", "untitled.Untitled:/ws/", "-o", "-"]
    told = ran(*command, folder=project)
    assert told.returncode == 0, told
    assert "warning: " in told.stderr
    refused = ran(*command, "--fail-on-warn", folder=project)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "1 warning, and --fail-on-warn is given: nothing was written" in refused.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"asyncapi: \xff", "is not UTF-8 text: byte 10 is 0xff"), (b"a: [1", "line 1"), (b"a: {{ WS_HOST }", "t.yaml: ")],
)
def test_a_template_that_cannot_be_read_is_said_in_a_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes, said: str
) -> None:
    template = tmp_path / "t.yaml"
    template.write_bytes(content)
    assert main(["export", "--template", str(template), "-o", "-"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert captured.err.count("\n") == 1


# Documents of a conformance run


class _Documents(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(301)
            self.send_header("Location", "/asyncapi.json")
            content = b""
        elif self.path == "/asyncapi.json":
            self.send_response(200)
            content = b'{"asyncapi": "2.6.0"}'
        else:
            self.send_response(404)
            content = b"no"
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def site() -> Iterator[str]:
    """The address of a server with a document and a redirect to it."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Documents) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


def test_a_document_is_fetched_by_way_of_redirects_on_the_same_machine(
    capsys: pytest.CaptureFixture[str], site: str
) -> None:
    assert main(["conform", f"{site}/moved"]) == 2
    assert "not an AsyncAPI document of version 3" in capsys.readouterr().err
    assert main(["conform", f"{site}/elsewhere.json"]) == 2
    assert "the server answered 404" in capsys.readouterr().err


def test_an_address_of_a_document_goes_without_another(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conform", "http://127.0.0.1:1/asyncapi.json", "--document", "x.yaml"]) == 2
    assert "with --document, write ws://host:port" in capsys.readouterr().err


def test_a_file_that_is_no_text_or_too_large_is_no_document(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_bytes(b"a: \xe9")
    assert main(["conform", APP, "--document", str(file)]) == 2
    assert "x.yaml is not UTF-8 text: byte 3" in capsys.readouterr().err
    with file.open("wb") as large:
        large.truncate(documents.MAX_BYTES + 1)
    assert main(["conform", APP, "--document", str(file)]) == 2
    assert "x.yaml is larger than 32 MB" in capsys.readouterr().err


def test_a_number_of_seconds_is_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["conform", APP, "--max-seconds", "soon"])
    assert exit_.value.code == 2
    assert "'soon' is no number of seconds" in capsys.readouterr().err


# Where a conformance run is shown


def on_terminal(*code: str) -> bytes:
    """What a terminal shows of a program."""
    script = f"import pty, sys; sys.exit(pty.spawn({[sys.executable, *code]!r}) >> 8)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, timeout=100, check=False)
    return done.stdout


def test_the_bar_counts_findings_and_without_rich_there_are_lines() -> None:
    arguments = ["conform", APP, "--channel", "crash_on_zero", "--max-examples", "15", "--seed", "3"]
    shown = on_terminal("-m", "chanspec", *arguments)
    assert b"1 finding" in shown
    script = "import sys; sys.modules['rich'] = None; from chanspec.cli import main; sys.exit(main(sys.argv[1:]))"
    shown = on_terminal("-c", script, *arguments)
    assert b"\x1b[" not in shown
    assert b"found: " in shown


def test_a_run_may_be_started_in_a_thread(capsys: pytest.CaptureFixture[str]) -> None:
    codes: list[int] = []
    arguments = ["conform", APP, "--channel", "nothing", "--max-examples", "2", "--seed", "3", "--reply-timeout", "30"]
    thread = threading.Thread(target=lambda: codes.append(main(arguments)))
    thread.start()
    thread.join()
    assert codes == [0]
    assert "no finding" in capsys.readouterr().out
