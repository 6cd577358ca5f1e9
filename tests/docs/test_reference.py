"""The reference has every public name, and each is documented: what it is, its arguments, and how it is used."""

from __future__ import annotations

import importlib
import inspect
import re
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class
from pydantic import BaseModel

from chanspec.channels.conf import DEFAULTS
from chanspec.cli import COMMANDS
from chanspec.runtime.settings import RuntimeSettings
from tests.docs.pages import DOCS, blocks_of, pages, text_of
from tests.docs.public import names

REFERENCE = [page for page in pages() if page.startswith("docs/reference/")]
PUBLIC = [pytest.param(module, name, value, id=f"{module}.{name}") for module, name, value in names()]
_DIRECTIVE = re.compile(r"\.\. (?:auto(\w+)|(py:data|module)):: ([\w.]+).*\n((?: {3}:.*\n)*)")


@dataclass(frozen=True)
class Entry:
    """What a directive of the reference shows.

    Attributes:
        page: Where.
        value: The object; None where the page itself says what it is.
        members: The names of the members that are shown with it.
    """

    page: str
    value: Any
    members: tuple[str, ...]


def entries() -> Iterator[tuple[str, Entry]]:
    """What the reference shows, by dotted name."""
    for page in REFERENCE:
        for block in blocks_of(page):
            if block.language == "{eval-rst}":
                yield from _entries(page, block.text)


def _entries(page: str, text: str) -> Iterator[tuple[str, Entry]]:
    module = _module_before(page, text)
    for kind, other, name, options in _DIRECTIVE.findall(text):
        if other == "module":
            module = name
            continue
        asked = re.search(r":members:(.*)", options)
        named = tuple(part.strip() for part in asked[1].split(",") if part.strip()) if asked else ()
        if kind == "module":
            value = importlib.import_module(name)
            for each in named or value.__all__:
                yield f"{name}.{each}", _entry(page, getattr(value, each), True, options)
            continue
        dotted = name if name.startswith("chanspec") else f"{module}.{name}"
        if other == "py:data":
            yield dotted, Entry(page, None, ())
            continue
        home, _, attribute = dotted.rpartition(".")
        value = getattr(importlib.import_module(home), attribute)
        yield dotted, Entry(page, value, named) if named else _entry(page, value, bool(asked), options)


def _entry(page: str, value: Any, with_members: bool, options: str) -> Entry:
    if not with_members or not inspect.isclass(value) or issubclass(value, BaseModel):
        return Entry(page, value, ())
    owners = value.__mro__ if ":inherited-members:" in options else (value,)
    shown = {
        name
        for owner in owners
        if owner.__module__.startswith("chanspec")
        for name, member in vars(owner).items()
        if not name.startswith("_") and inspect.getdoc(member) and _function(member) is not None
    }
    return Entry(page, value, tuple(sorted(shown)))


def _module_before(page: str, text: str) -> str:
    """The module that the page's blocks have named until a block."""
    before = text_of(page).partition(text)[0]
    return next(iter(reversed(re.findall(r"\.\. (?:module|automodule):: (\S+)", before))), "")


def method_of(value: Any, name: str) -> Any:
    """The function of a class's method or property."""
    return _function(inspect.getattr_static(value, name))


def _function(member: Any) -> Any:
    """The function of a method of any kind; the getter of a property."""
    member = getattr(member, "__func__", getattr(member, "fget", member))
    return member if inspect.isfunction(member) else None


ENTRIES = dict(entries())
SHOWN = [pytest.param(entry, id=name) for name, entry in ENTRIES.items() if entry.value is not None]


@pytest.mark.parametrize(("module", "name", "value"), PUBLIC)
def test_every_public_name_is_in_the_reference(module: str, name: str, value: Any) -> None:
    if f"{module}.{name}" in ENTRIES:
        return
    # A name that several modules export is shown once.
    assert any(entry.value is value for entry in ENTRIES.values() if entry.value is not None)


def missing(function: Any, doc: str | None) -> list[str]:
    """The parameters that a docstring does not name."""
    text = inspect.cleandoc(doc or "")
    parameters = [
        name for name in inspect.signature(function).parameters if name not in ("self", "cls", "args", "kwargs")
    ]
    return [name for name in parameters if not re.search(rf"\b{re.escape(name)}\b", text)]


@pytest.mark.parametrize("entry", SHOWN)
def test_what_is_shown_says_what_it_is_and_its_arguments(entry: Entry) -> None:
    value = entry.value
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return
    assert value.__doc__
    assert not value.__doc__.startswith(f"{value.__name__}(")  # what dataclasses have by default
    if inspect.isfunction(value):
        assert missing(value, value.__doc__) == []
        return
    if not issubclass(value, BaseModel | BaseException) and _is_made_by_users(value):
        constructor = value.__init__
        assert missing(constructor, f"{value.__doc__}\n{constructor.__doc__}") == []
    for name in entry.members:
        function = method_of(value, name)
        assert function is not None, f"{value.__qualname__} has no method or property {name}"
        doc = inspect.getdoc(getattr(value, name))  # its own, or that of what it overrides
        assert doc, name
        assert missing(function, doc) == [], name


def _is_made_by_users(cls: type) -> bool:
    """Whether its constructor is its own, and not one that others call with what they have."""
    owner = next(each for each in cls.__mro__ if "__init__" in vars(each))
    return owner.__module__.startswith("chanspec") and cls.__name__ not in MADE_BY_CHANSPEC


MADE_BY_CHANSPEC = {"WsConnect", "Report", "DjangoAuthenticator"}
"""Classes whose instances users are given: they make none."""

VALUES = {
    *("Contract", "Action", "Event", "Message", "Handler"),
    *("Drift", "Drifts", "Finding", "Report", "Problem", "Described"),
}
"""What users are given and read; the page shows it with what gives it."""


@pytest.mark.parametrize("entry", SHOWN)
def test_what_is_called_or_derived_from_has_an_example(entry: Entry) -> None:
    value = entry.value
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return
    if inspect.isclass(value) and (issubclass(value, BaseException) or value.__name__ in VALUES):
        return
    if inspect.isclass(value) and value.__module__ == "chanspec.messages" and not value.__name__.startswith("Base"):
        return  # chanspec's own messages, which are not derived from
    in_docstring = "Example:" in (value.__doc__ or "") or "::\n" in (value.__doc__ or "")
    on_page = any(
        re.search(rf"\b{value.__name__}\b", block.text) for block in blocks_of(entry.page) if block.language == "python"
    )
    assert in_docstring or on_page


# Settings and options


def test_every_setting_is_in_its_table() -> None:
    text = text_of("docs/reference/settings.md")
    keys = "\n".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| "))
    rows = set(re.findall(r"`([A-Z_]+)`", keys))
    assert rows == DEFAULTS.keys()


def test_every_setting_of_connections_is_described() -> None:
    assert missing(RuntimeSettings, RuntimeSettings.__doc__) == []
    text = text_of("docs/reference/settings.md")
    assert [field.name for field in fields(RuntimeSettings) if f"`{field.name.upper()}`" not in text] == []


@pytest.mark.parametrize("limit", [name for name in DEFAULTS if name.startswith("MAX_") or name.endswith("_TIMEOUT")])
def test_the_defaults_of_limits_are_those_of_the_code(limit: str) -> None:
    [default] = re.findall(rf"^\| `{limit}` \| ([\d,]+)", text_of("docs/reference/settings.md"), re.MULTILINE)
    assert float(default.replace(",", "")) == DEFAULTS[limit]


def options(parser: ArgumentParser) -> set[str]:
    return {each for action in parser._actions for each in action.option_strings if each.startswith("--")}


@pytest.mark.parametrize("command", [*COMMANDS, "export_asyncapi"])
def test_every_option_of_a_command_is_listed(command: str) -> None:
    parser = ArgumentParser()
    if command in COMMANDS:
        importlib.import_module(COMMANDS[command]).add_arguments(parser)
        asked = options(parser)
    else:
        loaded: Any = load_command_class(get_commands()[command], command)
        loaded.add_arguments(parser)
        asked = options(parser)
    section = "export_asyncapi" if command == "export" else command
    text = (DOCS / "reference/commands.md").read_text(encoding="utf-8")
    [body] = [part for part in text.split("\n## ") if f" {section}`" in part.partition("\n")[0]]
    listed = set(re.findall(r"(--[a-z-]+)", "\n".join(line for line in body.splitlines() if line.startswith("| `"))))
    assert asked - {"--help"} <= listed
    if command != "export_asyncapi":
        assert listed <= asked
