"""`DOTTED.PATH[:/ws/path/]`, as a command line names a consumer, to the class and its address.

Says which part of the path is wrong, and what it may have been meant to be. Not for finding consumers that nobody
named.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any

from chanspec.contract import contract_of
from chanspec.imports import said
from chanspec.problems import near_match


class ConsumerArgumentError(ValueError):
    """The argument names no annotated consumer; `str()` says why, in one line."""


def parse(argument: str, default_address: str) -> tuple[type, str]:
    """The consumer class that `argument` names, and its address, `default_address` where it has none.

    Raises `ConsumerArgumentError` for a module or attribute that is not there or cannot be imported, and for what is
    no class with annotated methods.
    """
    dotted, colon, address = argument.strip().partition(":")
    if colon and not address.startswith("/"):
        raise ConsumerArgumentError(_not_an_address(argument, dotted, address))
    if not all(part.isidentifier() for part in dotted.split(".")):
        raise ConsumerArgumentError(f"{argument!r} is no dotted path; write module.Class or module.Class:/ws/path/")
    consumer = _load(dotted)
    _check(dotted, consumer)
    return consumer, address or default_address


def _not_an_address(argument: str, dotted: str, address: str) -> str:
    if address.partition(":")[0].isidentifier():
        return f"{argument!r} has a colon before the class; write {dotted}.{address}"
    return f"the address in {argument!r} does not begin with a slash; write {dotted}:/{address}"


def _load(dotted: str) -> Any:
    parts = dotted.split(".")
    found: Any = None
    for index, part in enumerate(parts):
        path = ".".join(parts[:index])
        if not isinstance(found, ModuleType | None):
            found = _attribute(found, part, path)
        elif (module := _import(f"{path}.{part}" if path else part)) is not None:
            found = module
        elif found is None:
            raise ConsumerArgumentError(f"there is no module {part!r} to import{near_match(part, _modules(None))}")
        else:
            found = _attribute(found, part, path)
    return found


def _import(name: str) -> ModuleType | None:
    """The module, or `None` if there is none of that name."""
    parent, _, _ = name.rpartition(".")
    if parent and not hasattr(importlib.import_module(parent), "__path__"):
        return None  # its parent is no package
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            return None
        raise _import_failed(name, error) from error
    except Exception as error:  # a module may raise anything while it is imported
        raise _import_failed(name, error) from error


def _import_failed(name: str, error: Exception) -> ConsumerArgumentError:
    return ConsumerArgumentError(f"importing {name} failed: {said(error)}")


def _attribute(owner: Any, name: str, path: str) -> Any:
    try:
        return getattr(owner, name)
    except AttributeError:
        pass
    if isinstance(owner, ModuleType) and hasattr(owner, "__path__"):
        candidates = [*_modules(owner), *_consumers(owner)]
        raise ConsumerArgumentError(f"the package {path} has no module or class {name!r}{near_match(name, candidates)}")
    kind = "module" if isinstance(owner, ModuleType) else "class"
    candidates = _consumers(owner) or [each for each in vars(owner) if not each.startswith("_")]
    raise ConsumerArgumentError(f"the {kind} {path} has no {name!r}{near_match(name, candidates)}")


def _check(dotted: str, consumer: Any) -> None:
    if isinstance(consumer, ModuleType):
        listed = _consumers(consumer)
        some = f"; it has {', '.join(listed[:5])}" if listed else ""
        raise ConsumerArgumentError(f"{dotted} is a module; name a consumer class in it{some}")
    if not isinstance(consumer, type):
        inner = getattr(consumer, "consumer_class", None)
        cure = ""
        if isinstance(inner, type):
            cure = f"; name {inner.__qualname__} itself" + ", without as_asgi()" * hasattr(inner, "as_asgi")
        raise ConsumerArgumentError(f"{dotted} is a {type(consumer).__name__}, not a consumer class{cure}")
    if not contract_of(consumer):
        others = [
            each for each in _consumers(importlib.import_module(consumer.__module__)) if each != consumer.__name__
        ]
        some = f"; annotated in its module: {', '.join(others[:5])}" if others else ""
        cure = "annotate a method with @document_action or @document_event"
        raise ConsumerArgumentError(f"{dotted} declares no action and no event; {cure}{some}")


def _consumers(owner: Any) -> list[str]:
    """The names of the annotated consumers in a module or class."""
    return [name for name, value in vars(owner).items() if isinstance(value, type) and _is_annotated(value)]


def _is_annotated(value: type) -> bool:
    try:
        return bool(contract_of(value))
    except TypeError:
        return True  # annotated, and wrongly


def _modules(package: ModuleType | None) -> list[str]:
    return [each.name for each in pkgutil.iter_modules(package and package.__path__)]
