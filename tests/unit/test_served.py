"""Documents as the views serve them: built once, whatever servers clients name."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chanspec.asyncapi.generator import AsyncAPIGenerator
from chanspec.asyncapi.served import KEPT, Documents
from tests.django.consumers import NoticeConsumer, RideConsumer

CONSUMERS = [(RideConsumer, "/ws/rides/"), (NoticeConsumer, "/ws/notices/{user_id}/")]


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The generators that built a document."""
    found: list[Any] = []
    build = AsyncAPIGenerator._build

    def counted(self: AsyncAPIGenerator) -> dict[str, Any]:
        found.append(self)
        return build(self)

    monkeypatch.setattr(AsyncAPIGenerator, "_build", counted)
    return found


def server(host: str) -> dict[str, Any]:
    return {"default": {"host": host, "protocol": "wss"}}


_kept = Documents(AsyncAPIGenerator)


@given(
    servers=st.dictionaries(
        st.text(),
        st.fixed_dictionaries(
            {"host": st.text(min_size=1), "protocol": st.sampled_from(["ws", "wss"])},
            optional={"pathname": st.text(), "description": st.text(), "x-any": st.lists(st.integers() | st.text())},
        ),
        max_size=3,
    ),
    form=st.sampled_from(["yaml", "json"]),
    query_param=st.sampled_from([None, "token"]),
)
def test_a_document_is_what_the_generator_makes_whatever_its_servers_are(
    servers: dict[str, Any], form: str, query_param: str | None
) -> None:
    arguments = {"consumers": CONSUMERS, "servers": servers, "query_param": query_param}
    generator = AsyncAPIGenerator(**arguments)
    whole = generator.get_yaml() if form == "yaml" else generator.get_json()
    assert _kept.render(arguments, form).content.decode() == whole


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_document_is_built_once_for_all_hosts(builds: list[Any], form: str) -> None:
    documents = Documents(AsyncAPIGenerator)
    found = {documents.render({"consumers": CONSUMERS, "servers": server(f"h{n}.example")}, form) for n in range(1000)}
    assert len(builds) == 1
    assert len(found) == len({each.etag for each in found}) == 1000
    again = documents.render({"consumers": CONSUMERS, "servers": server("h0.example")}, form)
    assert again in found
    assert len(documents) == 1
    assert len(documents._servers) == KEPT


def test_a_tag_is_the_same_for_the_same_document_and_another_for_another() -> None:
    tags = {
        Documents(AsyncAPIGenerator).render({"consumers": CONSUMERS, **more}, form).etag
        for form in ("yaml", "json")
        for more in ({}, {"servers": server("a")}, {"servers": server("b")}, {"info": {"title": "Other"}})
        for _ in range(2)
    }
    assert len(tags) == 8


def test_threads_that_ask_at_once_wait_for_one_to_build(builds: list[Any]) -> None:
    documents = Documents(AsyncAPIGenerator)
    ready = threading.Barrier(8)

    def ask(n: int) -> bytes:
        ready.wait(20)
        return documents.render({"consumers": CONSUMERS, "servers": server(f"h{n}")}, "yaml").content

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 8
    assert len(builds) == 1


def test_servers_that_are_very_long_are_served_and_not_kept() -> None:
    documents = Documents(AsyncAPIGenerator)
    long = "a" * 100_000
    assert long.encode() in documents.render({"consumers": CONSUMERS, "servers": server(long)}, "yaml").content
    assert not documents._servers


def test_a_generator_that_writes_in_its_own_way_is_asked_for_each_host() -> None:
    class Own(AsyncAPIGenerator):
        def get_yaml(self) -> str:
            return f"# {self._servers['default']['host']}\n{super().get_yaml()}"

    documents = Documents(Own)
    for host in ("a", "b", "a"):
        found = documents.render({"consumers": CONSUMERS, "servers": server(host)}, "yaml")
        assert found.content.startswith(f"# {host}\n".encode())
        assert found.content.decode() == Own(consumers=CONSUMERS, servers=server(host)).get_yaml()
    assert len(documents) == 2
