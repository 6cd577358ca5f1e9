"""The registry of layers outside Django."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

from chanspec.runtime.layers import (
    ChannelLayer,
    InMemoryChannelLayer,
    UnknownLayerError,
    forget_layers,
    get_layer,
    register_layer,
)


@pytest.fixture(autouse=True)
def registry() -> Iterator[None]:
    forget_layers()
    yield
    forget_layers()


def test_the_default_is_one_in_memory_layer() -> None:
    assert isinstance(get_layer(), InMemoryChannelLayer)
    assert isinstance(get_layer(), ChannelLayer)
    assert get_layer() is get_layer("default")


def test_an_unknown_alias_names_those_that_are_registered() -> None:
    register_layer("chat", InMemoryChannelLayer())
    with pytest.raises(UnknownLayerError, match=r"'char' \(registered: chat, default\)"):
        get_layer("char")


@pytest.mark.parametrize("kind", [RedisChannelLayer, RedisPubSubChannelLayer])
async def test_redis_is_one_line(kind: type) -> None:
    layer = register_layer("default", kind(hosts=["redis://127.0.0.1:1"]))
    assert get_layer() is layer


def test_registering_a_pub_sub_layer_needs_no_event_loop() -> None:
    register_layer("default", RedisPubSubChannelLayer(hosts=["redis://127.0.0.1:1"]))


def test_what_is_no_layer_is_refused_with_what_it_lacks() -> None:
    with pytest.raises(TypeError, match="object has no send, receive"):
        register_layer("default", object())
