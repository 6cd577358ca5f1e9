"""Says why a module cannot be imported: where that fails, or what its name may have been meant to be.

For the messages of commands, views and discovery. It imports nothing that was not asked for.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import pkgutil
import sys
import sysconfig
import traceback
from pathlib import Path
from types import ModuleType

from chanspec.problems import near_match

__all__ = ["ImportFailedError", "applications_in", "imported", "said"]

_PACKAGE = str(Path(__file__).parent)
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


class ImportFailedError(ImportError):
    """A module cannot be imported; ``str()`` says why, in one line."""


def imported(name: str) -> ModuleType:
    """Import a module.

    Args:
        name: Its dotted name.

    Raises:
        ImportFailedError: There is none of that name, or it fails while it is imported.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            raise ImportFailedError(f"there is no module {name!r}{_meant(name)}") from error
        raise ImportFailedError(f"importing {name} failed: {said(error)}") from error
    except Exception as error:  # a module may raise anything while it is imported
        raise ImportFailedError(f"importing {name} failed: {said(error)}") from error


def said(error: BaseException) -> str:
    """An error in one line: its type, its text, and where in the project it was raised."""
    text = " ".join(str(error).split())
    place = _place(error)
    known = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"{known} ({place})" if place else known


def applications_in(module: ModuleType) -> list[str]:
    """The names in a module that an application may have, the usual ones first: objects that can be called."""
    names = [name for name, value in vars(module).items() if not name.startswith("_") and _is_made(value)]
    return sorted(names, key=lambda name: name not in _USUAL)


_USUAL = ("app", "application", "asgi_app")


def _is_made(value: object) -> bool:
    """Whether a value can be called and is no class, function, method or partial."""
    is_other = isinstance(value, type | functools.partial) or inspect.isbuiltin(value)
    return callable(value) and not is_other and not any(hasattr(value, name) for name in _OF_OTHERS)


_OF_OTHERS = ("__code__", "__func__", "__origin__")
"""The attributes of functions, methods and types with arguments."""


def _meant(name: str) -> str:
    """What a module that there is not may have been meant to be."""
    parts = name.split(".")
    for index, part in enumerate(parts):
        parent = ".".join(parts[:index])
        found = sys.modules.get(parent)
        paths = getattr(found, "__path__", None) if parent else [os.getcwd()]
        if paths is None:  # the parent is no package, and so another one was meant
            return _near(parts[index - 1], [os.getcwd()], "", parts[index:]) if index == 1 else ""
        known = [each.name for each in pkgutil.iter_modules(paths)]
        if ".".join(parts[: index + 1]) in sys.modules:
            continue
        if part not in known:
            return _near(part, paths, parent, parts[index + 1 :]) or _near(parts[0], [os.getcwd()], "", parts[1:])
    return ""


def _near(part: str, paths: list[str], parent: str, rest: list[str]) -> str:
    known = [each.name for each in pkgutil.iter_modules(paths) if each.name != part]
    hint = near_match(part, known)
    if not hint:
        return ""
    nearest = hint.rpartition("'")[0].rpartition("'")[2]
    return f", did you mean {'.'.join(filter(None, [parent, nearest, *rest]))!r}?"


def _place(error: BaseException) -> str:
    """The last line of the project's own that an error came through; empty where there is none."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_shortened(error.filename)}, line {error.lineno}" if error.filename not in str(error) else ""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        is_theirs = frame.filename.startswith((_PACKAGE, "<")) or frame.filename.startswith(_LIBRARIES)
        if not is_theirs:
            return f"{_shortened(frame.filename)}, line {frame.lineno}"
    return ""


def _shortened(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else filename
