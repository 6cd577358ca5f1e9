"""Where a user finds the names: most in the package itself, those of a framework in one module."""

from __future__ import annotations

from importlib import import_module

import pytest

import chanspec

HOMES = (
    "chanspec.asyncapi",
    "chanspec.decorators",
    "chanspec.describing",
    "chanspec.messages",
    "chanspec.runtime.authenticator",
)


@pytest.mark.parametrize("name", chanspec.__all__)
def test_a_name_of_the_package_is_that_of_its_module(name: str) -> None:
    homes = [module for module in map(import_module, HOMES) if name in vars(module)]
    assert homes
    assert all(getattr(module, name) is getattr(chanspec, name) for module in homes)


@pytest.mark.parametrize("module", ["chanspec.decorators", "chanspec.messages"])
def test_every_decorator_and_message_is_in_the_package(module: str) -> None:
    assert set(import_module(module).__all__) <= set(chanspec.__all__)


def test_the_names_are_listed_before_they_are_loaded() -> None:
    assert set(chanspec.__all__) <= set(dir(chanspec))


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'chanspec' has no attribute 'ws_handlr'"):
        _ = chanspec.ws_handlr  # type: ignore[attr-defined]


def test_every_name_of_fastapi_s_module_is_there() -> None:
    module = import_module("chanspec.fastapi")
    assert [name for name in module.__all__ if not hasattr(module, name)] == []
