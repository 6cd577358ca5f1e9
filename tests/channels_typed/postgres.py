"""A throw-away PostgreSQL cluster on a free loopback port."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.ports import reserved_port
from tests.programs import POSTGRESQL

START_SECONDS = 60


@dataclass
class Postgres:
    """A running cluster, which trusts everybody on this machine."""

    port: int

    def settings(self, **more: Any) -> dict[str, Any]:
        """The ``DATABASES`` of a Django project on it."""
        return {
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": "postgres",
                "USER": "postgres",
                "HOST": "127.0.0.1",
                "PORT": self.port,
                **more,
            }
        }

    def ask(self, sql: str) -> Any:
        """The first column of the first row."""
        import psycopg

        with psycopg.connect(host="127.0.0.1", port=self.port, user="postgres", autocommit=True) as connection:
            row = connection.execute(sql).fetchone()  # type: ignore[arg-type]
            return row[0] if row else None

    def answers(self) -> bool:
        import psycopg

        try:
            return bool(self.ask("SELECT 1"))
        except psycopg.OperationalError:
            return False

    def clients(self) -> int:
        """How many connections there are, without the one that asks."""
        sql = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        return int(self.ask(sql))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for tests; skips where PostgreSQL is not installed, but fails in CI."""
    programs = Path(POSTGRESQL.needed()).parent
    # It refuses to run as root.
    user = next(name for name in ("postgres", "nobody") if _exists(name)) if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="chanspec-postgres-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        with _running(programs, folder, user) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(programs: Path, folder: Path, user: str | None) -> Iterator[Postgres]:
    options: dict[str, Any] = {"cwd": folder, **({"user": user} if user else {})}
    data, log = folder / "data", folder / "log"
    made = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C"]
    subprocess.run(made, check=True, capture_output=True, **options)
    with reserved_port() as port:
        yield from _started(programs, data, log, port, options)


def _started(programs: Path, data: Path, log: Path, port: int, options: dict[str, Any]) -> Iterator[Postgres]:
    given = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
    command = [programs / "postgres", "-D", data, *(each for key in given for each in ("-c", f"{key}={given[key]}"))]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, **options)
    try:
        server = Postgres(port)
        end = time.monotonic() + START_SECONDS
        while not server.answers():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # its "fast" shutdown, which does not wait for clients
        process.wait(60)


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
