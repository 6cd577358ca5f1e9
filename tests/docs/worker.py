"""Does the pages' steps in forks of one process that has imported everything, so that no step waits for imports.

It is a program: it reads a job a line as JSON, and writes what came of it as a line of JSON.
"""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import json
import os
import signal
import sys
import tempfile
import traceback
import types
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

SECONDS = 240
IMPORTED = """
channels.auth channels.routing channels.security.websocket channels.layers channels.testing
chanspec.channels.conf chanspec.conformance chanspec.enforcement chanspec.starlette.docs
chanspec.starlette.websocket chanspec.cli.export chanspec.cli.migrate chanspec.testing.fixtures daphne.server
django.contrib.auth django.core.asgi django.core.management django.db.backends.sqlite3.base django.test fastapi
hypothesis jwt libcst pydantic pytest pytest_asyncio uvicorn
"""

CHECKING = """
-q -p no:cacheprovider -p pytest_django.plugin -p pytest_asyncio.plugin -p chanspec.testing.plugin --nomigrations
-o asyncio_mode=auto -o asyncio_default_fixture_loop_scope=function -o python_files=*.py
"""

Job = dict[str, Any]


def isolated(work: Callable[[], int]) -> tuple[int, str]:
    """Do some work in a fork; its exit code and what it wrote."""
    with tempfile.TemporaryFile() as output:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                signal.alarm(SECONDS)
                os.setsid()
                os.dup2(output.fileno(), 1)
                os.dup2(output.fileno(), 2)
                code = work()
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
                if isinstance(ended.code, str):
                    print(ended.code, file=sys.stderr)
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return os.waitstatus_to_exitcode(status), output.read().decode("utf-8", "replace")


def run(job: Job) -> int:
    """Do a job in the folder of its page, in this process.

    Raises:
        Exception: What its code raises.
    """
    os.chdir(job["folder"])
    sys.path.insert(0, job["folder"])
    if job["do"] == "command":
        return command(job["words"])
    if job["do"] == "check":
        set_up_django()
        import pytest

        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # most of the time it would take
        return int(pytest.main([*CHECKING.split(), "--rootdir", job["folder"], "-c", os.devnull, job["file"]]))
    namespace = types.ModuleType("__main__").__dict__
    for step in job["steps"]:
        if "module" in step:
            set_up_django()
            importlib.import_module(step["module"])
        else:
            set_up_django()
            execute(step["code"], step["where"], namespace)
    return 0


def set_up_django() -> None:
    """Set Django up if the folder has a project and that was not done."""
    found = sorted(Path().glob("*/settings.py"))
    if found and "DJANGO_SETTINGS_MODULE" not in os.environ:
        os.environ["DJANGO_SETTINGS_MODULE"] = f"{found[0].parent.name}.settings"
        import django

        django.setup()


def execute(code: str, where: str, namespace: dict[str, Any]) -> None:
    """Run a block, which may await."""
    page, _, line = where.rpartition(":")
    tree = ast.parse(code, page)
    ast.increment_lineno(tree, int(line) - 1)
    outcome = eval(compile(tree, page, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True), namespace)
    if inspect.iscoroutine(outcome):
        asyncio.run(outcome)


def command(words: list[str]) -> int:
    """Run a command as its console script would."""
    program, *arguments = words
    if program == "python" and arguments[0] == "-m":
        program, *arguments = arguments[1:]
    if program == "python" and arguments[0] == "manage.py":
        sys.argv = arguments
        namespace: dict[str, Any] = {"__name__": "__main__", "__file__": "manage.py"}
        exec(compile(Path("manage.py").read_text(), "manage.py", "exec"), namespace)
        return 0
    sys.argv = [program, *arguments]
    if program == "django-admin":
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
        return 0
    if program == "pytest":
        import pytest

        return int(pytest.main(arguments))
    if program == "chanspec":
        from chanspec.cli import main

        return main(arguments)
    raise AssertionError(f"nobody knows how to run {program}")


def main() -> None:
    sys.path.remove(str(Path(__file__).parent))
    for name in [name for name in os.environ if name.startswith(("PYTEST_", "DJANGO_"))]:
        del os.environ[name]
    for name in IMPORTED.split():
        importlib.import_module(name)
    # The default is for who waits for a test; here nobody does, and what a thread or a database does may take its time.
    importlib.import_module("chanspec.testing").WebsocketCommunicator.timeout = 30.0
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        code, output = isolated(partial(run, json.loads(line)))
        answers.write(json.dumps({"code": code, "output": output}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
