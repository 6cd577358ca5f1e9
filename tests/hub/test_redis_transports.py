"""What publishing on pub/sub relies on: layers as they were released, transports of every kind, and Redis' answers."""

from __future__ import annotations

import asyncio
import datetime
import gc
import ipaddress
import itertools
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis.exceptions
from channels_redis.pubsub import RedisPubSubChannelLayer
from fast_channels.layers.redis import RedisPubSubChannelLayer as FastRedisPubSubChannelLayer
from hypothesis import given
from hypothesis import strategies as st

from chanspec.runtime import redis_pubsub
from chanspec.runtime.hub import HubSettings, hub_for
from chanspec.runtime.redis_pubsub import PubSubSender
from tests.hub.conftest import joined, numbers
from tests.hub.leaving import all_is_left, end_of
from tests.ports import reserved_port
from tests.redis import RedisServer
from tests.runtime.driver import eventually


def test_what_an_application_has_replaced_is_not_passed_over(url: str) -> None:
    class Tracing(RedisPubSubChannelLayer):
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            await self._get_layer().group_send(group, message)

    class Written(RedisPubSubChannelLayer):
        def serialize(self, message: dict[str, Any]) -> bytes:
            return super().serialize(message)

    patched = RedisPubSubChannelLayer(hosts=[url])
    patched.group_send = patched.serialize

    async def served() -> list[bool]:
        inner = RedisPubSubChannelLayer(hosts=[url])
        inner._get_layer().group_send = patched.serialize
        return [
            PubSubSender.serves(layer)
            for layer in (
                RedisPubSubChannelLayer(hosts=[url]),
                FastRedisPubSubChannelLayer(hosts=[url, url]),
                RedisPubSubChannelLayer(hosts=[{"address": url, "max_connections": 3}]),
                RedisPubSubChannelLayer(hosts=[{"address": url, "max_connections": 2}]),
                Tracing(hosts=[url]),
                Written(hosts=[url]),
                patched,
                inner,
            )
        ]

    assert asyncio.run(served()) == [True, True, True, False, False, False, False, False]


async def test_a_layer_with_replaced_methods_still_delivers(url: str) -> None:
    sent = []

    class Tracing(RedisPubSubChannelLayer):
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            sent.append(group)
            await self._get_layer().group_send(group, message)

    hub = hub_for(Tracing(hosts=[url]))
    member = await joined(hub, "room")
    await asyncio.gather(*(hub.broadcast("room", number) for number in numbers(20)))
    assert await member.got(20) == numbers(20)
    assert "room" in sent
    await end_of(hub)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that vouches for itself, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "redis of a test")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = tmp_path / "redis.crt", tmp_path / "redis.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@pytest.fixture
def tls(certificate: tuple[Path, Path], redis_server: RedisServer) -> Iterator[dict[str, Any]]:
    """The server's address with TLS, as a layer is told it."""
    with reserved_port() as port:
        settings = {"tls-cert-file": certificate[0], "tls-key-file": certificate[1], "tls-ca-cert-file": certificate[0]}
        for name, value in {"tls-auth-clients": "no", **settings, "tls-port": port}.items():
            assert redis_server.ask(f"CONFIG SET {name} {value}") == b"+OK"
        yield {"address": f"rediss://127.0.0.1:{port}/0", "ssl_ca_certs": str(certificate[0])}


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
@pytest.mark.parametrize("encrypted", [False, True])
def test_transports_of_every_kind_are_taken_over(
    loop: str, encrypted: bool, redis_server: RedisServer, request: pytest.FixtureRequest
) -> None:
    host = request.getfixturevalue("tls") if encrypted else redis_server.url
    make = pytest.importorskip("uvloop").new_event_loop if loop == "uvloop" else asyncio.new_event_loop

    async def talk() -> None:
        hub = hub_for(RedisPubSubChannelLayer(hosts=[host]), HubSettings(beat_timeout=20))
        member = await joined(hub, "room")
        complaints: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
        for number in range(30):
            for _ in range(number % 5):
                await asyncio.sleep(0)
            sent = await asyncio.gather(
                *(hub.broadcast("room", f"{number}.{part}") for part in range(5)), return_exceptions=True
            )
            assert all(each is None or isinstance(each, redis.exceptions.ConnectionError) for each in sent), sent
            confirmed = {f"{number}.{part}" for part, each in enumerate(sent) if each is None}
            await eventually(lambda confirmed=confirmed: confirmed <= set(member.texts))
            if number % 3 == 0:
                redis_server.ask("CLIENT KILL TYPE normal SKIPME yes")
        assert len(set(member.texts)) == len(member.texts) >= 50
        await end_of(hub)
        await all_is_left()
        gc.collect()
        assert not [each for each in complaints if "never retrieved" in each]

    with asyncio.Runner(loop_factory=make) as runner:
        runner.run(talk())


# What Redis answers


class Transport:
    """What a connection's answers are heard from."""

    def __init__(self) -> None:
        self.aborted = False
        self.protocol: Any = asyncio.Protocol()

    def get_protocol(self) -> Any:
        return self.protocol

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def write(self, data: bytes) -> None: ...

    def abort(self) -> None:
        self.aborted = True


async def _heard(pieces: list[bytes], waiting: int, given_up: Collection[int] = ()) -> tuple[list[str], bool]:
    """What each of those who wait was told, and whether the connection was ended."""
    transport = Transport()
    wire = redis_pubsub._Wire(transport)
    futures = [asyncio.get_running_loop().create_future() for _ in range(waiting)]
    for future in futures:
        wire.write(b"", future)
    for number in given_up:
        futures[number].cancel()
    for piece in pieces:
        transport.protocol.data_received(piece)
    return [_told(each) for each in futures], transport.aborted


def _told(future: asyncio.Future[None]) -> str:
    if future.cancelled():
        return "gave up"
    return str(future.exception() or "published") if future.done() else "waits"


@given(
    answers=st.lists(st.sampled_from([b":0", b":17", b"-NOPERM no", b"-ERR \xff"]), max_size=20),
    cuts=st.lists(st.integers(0, 200), max_size=10),
    more=st.integers(0, 3),
    given_up=st.sets(st.integers(0, 19)),
)
def test_answers_are_told_in_order_however_they_are_cut(
    answers: list[bytes], cuts: list[int], more: int, given_up: set[int]
) -> None:
    stream = b"".join(answer + b"\r\n" for answer in answers)
    ends = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    pieces = [stream[a:b] for a, b in itertools.pairwise(ends)]
    gone = {number for number in given_up if number < len(answers)}
    told, ended = asyncio.run(_heard(pieces, len(answers) + more, gone))
    assert not ended
    for number, answer in enumerate(answers):
        if number in gone:
            assert told[number] == "gave up"
        elif answer.startswith(b":"):
            assert told[number] == "published"
        else:
            assert told[number].startswith("Redis refused to publish: ")
    assert told[len(answers) :] == ["waits"] * more


LOST = "the connection to Redis was lost before it said whether a message was published"


async def test_what_nobody_asked_for_ends_the_connection() -> None:
    assert await _heard([b":1\r\n:1\r\n"], 1) == (["published"], True)
    assert await _heard([b":1\r\n>3\r\n:1\r\n", b":1\r\n"], 2) == (["published", LOST], True)
    assert await _heard([b"\r\n:1\r\n", b":1\r\n"], 1) == ([LOST], True)
