"""Database connections on a real PostgreSQL behind a real server: what a request gets from Django, a message gets."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from chanspec.channels.database import RECENTLY
from tests.channels_typed.postgres import Postgres
from tests.channels_typed.servers import Client, Server, manage, serving

Serve = Callable[..., Server]


@pytest.fixture(scope="module")
def migrated(postgres: Postgres) -> Postgres:
    settings = {"DATABASES": postgres.settings()}
    manage(settings, "migrate", "-v", "0")
    users = "; ".join(f"User.objects.create(username='user{number}')" for number in range(3))
    code = f"import django; django.setup(); from django.contrib.auth.models import User; {users}"
    manage(settings, "-c", code)
    return postgres


@pytest.fixture
def serve(migrated: Postgres, tmp_path: Path) -> Iterator[Serve]:
    """`serve(CONN_MAX_AGE=…)`: the project on uvicorn, with these settings of its database.

    `recently` is in how many seconds a query of a handler that still runs shows that its connection works.
    """
    with ExitStack() as running:

        def start(kind: str = "uvicorn", recently: float = RECENTLY, **database: Any) -> Server:
            settings = {
                "DATABASES": migrated.settings(**database),
                "CHANSPEC": {"MAX_CONCURRENT": 4},
                "RECENTLY": recently,
            }
            return running.enter_context(serving(kind, tmp_path, settings))

        yield start


async def hops(client: Client) -> int:
    return (await client.ask("hops"))["payload"]


async def query(client: Client, kind: str) -> int:
    answer = await client.ask("query", kind)
    assert answer["action"] == "query_answer", answer
    return answer["payload"]


async def settled(migrated: Postgres, clients: int) -> None:
    """Wait until there are as many database connections; PostgreSQL forgets one a moment after it was closed."""
    for _ in range(1000):
        if (left := await asyncio.to_thread(migrated.clients)) == clients:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{left} connections, not {clients}")


async def until_it_has_asked(migrated: Postgres) -> None:
    """Wait until a thread of a server has the answer of its query; its connection is there before it can ask."""
    sql = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle' AND query = 'SELECT pg_backend_pid()'"
    for _ in range(1000):
        if await asyncio.to_thread(migrated.ask, sql):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody has asked")


@pytest.mark.parametrize("kind", ["orm", "database_sync_to_async", "thread"])
async def test_without_persistent_connections_each_is_closed_after_the_handler(
    migrated: Postgres, serve: Serve, kind: str
) -> None:
    server = serve(CONN_MAX_AGE=0)
    async with server.client("/ws/database/") as client:
        for _ in range(3):
            await query(client, kind)
            await settled(migrated, 0)


@pytest.mark.parametrize("server", ["uvicorn", "daphne"])
async def test_a_connection_that_the_server_closed_between_two_messages_is_replaced(
    migrated: Postgres, serve: Serve, server: str
) -> None:
    running = serve(server, CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=True)
    async with running.client("/ws/database/") as client, running.client("/ws/database/") as other:
        before = await query(client, "thread")
        assert await query(client, "thread") == before
        await asyncio.to_thread(migrated.ask, f"SELECT pg_terminate_backend({before})")
        await settled(migrated, 0)
        assert await query(client, "thread") != before
        # The connection is the thread's, so what one client's handler used another's must not trust.
        held = await query(client, "thread")
        await asyncio.to_thread(migrated.ask, f"SELECT pg_terminate_backend({held})")
        await settled(migrated, 0)
        assert await query(other, "thread") != held
        await settled(migrated, 1)


async def test_a_closed_connection_is_replaced_also_while_another_handler_that_used_it_waits(
    migrated: Postgres, serve: Serve
) -> None:
    server = serve(CONN_MAX_AGE=None, CONN_HEALTH_CHECKS=True)
    async with server.client("/ws/database/") as waiting, server.client("/ws/database/") as client:
        held = await query(waiting, "hold")
        await asyncio.sleep(RECENTLY + 0.1)
        await asyncio.to_thread(migrated.ask, f"SELECT pg_terminate_backend({held})")
        await settled(migrated, 0)
        replaced = await query(client, "thread")
        assert replaced != held
        await client.say("release")
        assert (await waiting.hear())["payload"] == replaced


async def test_a_connection_that_failed_is_replaced_without_health_checks_too(migrated: Postgres, serve: Serve) -> None:
    server = serve(CONN_MAX_AGE=None)
    async with server.client("/ws/database/") as client:
        before = await query(client, "thread")
        await asyncio.to_thread(migrated.ask, f"SELECT pg_terminate_backend({before})")
        await settled(migrated, 0)
        refused = await client.ask("query", "thread")
        assert refused["action"] == "error"
        assert await query(client, "thread") != before
    log = server.printed()
    assert "terminating connection" in log
    server.log.write_text("")  # the traceback was wanted


async def test_a_persistent_connection_is_closed_when_it_is_too_old(migrated: Postgres, serve: Serve) -> None:
    server = serve(CONN_MAX_AGE=3)
    async with server.client("/ws/database/") as client:
        since = time.monotonic()
        before = await query(client, "thread")
        again = await query(client, "thread")
        assert again == before or time.monotonic() >= since + 3  # on a machine that is so slow
        await asyncio.sleep(3.1)
        await client.ask("ping")  # not only a handler that wants it
        await settled(migrated, 0)
        assert await query(client, "thread") != before


@pytest.mark.parametrize(
    "database", [{"CONN_MAX_AGE": 0}, {"CONN_MAX_AGE": 600}, {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}]
)
async def test_handlers_that_never_touch_the_database_cost_no_hop_to_a_thread(
    serve: Serve, database: dict[str, Any]
) -> None:
    server = serve(**database)
    async with server.client("/ws/database/") as client:
        before = await hops(client)
        for _ in range(10):
            await client.ask("ping")
        assert await hops(client) == before
        await query(client, "thread")
        before = await hops(client)
        for _ in range(10):
            await client.ask("ping")
        assert await hops(client) == before


@pytest.mark.parametrize(
    "database", [{"CONN_MAX_AGE": 0}, {"CONN_MAX_AGE": 600}, {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}]
)
async def test_they_cost_none_while_the_handler_of_another_client_uses_the_database(
    migrated: Postgres, serve: Serve, database: dict[str, Any]
) -> None:
    server = serve(recently=3600.0, **database)  # however long the pings take
    async with server.client("/ws/database/") as busy, server.client("/ws/database/") as client:
        held = await query(busy, "hold")
        before = await hops(client)
        for _ in range(10):
            await client.ask("ping")
        assert await hops(client) == before
        await client.say("release")
        assert (await busy.hear())["payload"] == held  # nobody closed it meanwhile
        await busy.ask("ping")
    await settled(migrated, 0 if database["CONN_MAX_AGE"] == 0 else 1)


async def test_a_handler_that_uses_a_persistent_connection_costs_no_hop_of_ours(serve: Serve) -> None:
    server = serve(CONN_MAX_AGE=600)
    async with server.client("/ws/database/") as client:
        await query(client, "thread")
        before = await hops(client)
        await query(client, "thread")
        assert await hops(client) == before + 1  # its own


async def test_rows_that_are_read_one_by_one_are_not_cut_off_by_another_client(
    migrated: Postgres, serve: Serve
) -> None:
    server = serve(CONN_MAX_AGE=0)
    async with server.client("/ws/database/") as streaming, server.client("/ws/database/") as client:
        await streaming.say("query", "stream")
        found = []
        for _ in range(3):
            found.append((await streaming.hear())["payload"])
            await query(client, "thread")
            await client.say("release")
        assert len(set(found)) == 3
        assert (await streaming.ask("ping"))["action"] == "pong"
    await settled(migrated, 0)


async def test_what_a_task_left_open_behind_its_handler_is_closed_by_the_next_message(
    migrated: Postgres, serve: Serve
) -> None:
    server = serve(CONN_MAX_AGE=0)
    async with server.client("/ws/database/") as client, server.client("/ws/database/") as other:
        await query(client, "background")
        await client.say("release")
        await until_it_has_asked(migrated)
        await settled(migrated, 1)
        await other.ask("ping")
        await settled(migrated, 0)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc to see what a process has open")
async def test_a_file_of_sqlite_is_closed_after_the_handler_and_kept_where_that_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite3"

    def opened(server: Server) -> int:
        links = []
        for link in Path(f"/proc/{server.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                links.append(os.readlink(link))
        return links.count(str(file))

    for age, left in ((0, 0), (600, 1)):
        database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "CONN_MAX_AGE": age}
        settings = {"DATABASES": {"default": database}}
        await asyncio.to_thread(manage, settings, "migrate", "-v", "0")
        with serving("uvicorn", tmp_path, settings) as server:
            async with server.client("/ws/database/") as client:
                for kind in ("orm", "thread", "orm"):
                    await query(client, kind)
                    await client.ask("ping")
                    assert opened(server) == left


async def test_hooks_get_the_same_as_handlers(migrated: Postgres, serve: Serve) -> None:
    server = serve(CONN_MAX_AGE=0)
    async with server.client("/ws/hooks/") as client:
        await settled(migrated, 0)
        await query(client, "thread")
        await settled(migrated, 0)
        assert (await client.ask("no such action"))["action"] == "error"
        await settled(migrated, 0)


async def test_many_clients_at_once_leave_no_connection(migrated: Postgres, serve: Serve) -> None:
    server = serve(CONN_MAX_AGE=0)

    async def use() -> None:
        async with server.client("/ws/database/") as client:
            for kind in ("orm", "thread", "iterator"):
                await client.say("query", kind)
            for _ in range(5):
                assert (await client.hear())["action"] == "query_answer"

    await asyncio.gather(*(use() for _ in range(10)))
    await settled(migrated, 0)


async def test_many_clients_at_once_share_one_persistent_connection(migrated: Postgres, serve: Serve) -> None:
    server = serve(CONN_MAX_AGE=600)

    async def use() -> set[int]:
        async with server.client("/ws/database/") as client:
            return {await query(client, "thread") for _ in range(5)}

    found = await asyncio.gather(*(use() for _ in range(10)))
    assert len(set.union(*found)) == 1
    await settled(migrated, 1)
