"""``module:attribute`` to the application it names, and the Django project that the environment names.

A command line's way to an application; what is found in one is :mod:`chanspec.discovery`'s concern.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from types import ModuleType
from typing import Any

from chanspec.problems import near_match

__all__ = ["ApplicationError", "in_folder", "load", "set_up_django"]

SETTINGS = "DJANGO_SETTINGS_MODULE"


class ApplicationError(ValueError):
    """The application cannot be had; ``str()`` says why, in one line."""


def in_folder() -> None:
    """Let modules of the current folder be imported, as ``python -m`` does and a console script does not."""
    here = os.getcwd()
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)


def load(name: str | None) -> Any:
    """The ASGI application that a name means.

    Args:
        name: ``module:attribute``, the attribute dotted perhaps; None for the ``ASGI_APPLICATION`` of the Django
            project that ``DJANGO_SETTINGS_MODULE`` names.

    Raises:
        ApplicationError: There is none, or it cannot be imported.
    """
    in_folder()
    set_up_django()
    if name is None:
        return _of_django()
    module_name, colon, attributes = name.partition(":")
    if not colon or not attributes or not all(part.isidentifier() for part in module_name.split(".")):
        cure = f"{name.rpartition('.')[0]}:{name.rpartition('.')[2]}" if "." in name and not colon else "main:app"
        raise ApplicationError(f"{name!r} names no application; write module:attribute, as {cure}")
    found: Any = _import(module_name)
    for part in attributes.split("."):
        if not hasattr(found, part):
            names = [each for each in vars(found) if not each.startswith("_")] if hasattr(found, "__dict__") else []
            raise ApplicationError(f"{module_name} has no {part!r}{near_match(part, names)}")
        found = getattr(found, part)
    if isinstance(found, type) or not callable(found):
        cure = f"; write {name}.as_asgi() in a module and name that" if hasattr(found, "as_asgi") else ""
        raise ApplicationError(f"{name} is no ASGI application but a {_kind(found)}{cure}")
    return found


def set_up_django() -> bool:
    """Set Django up if the environment names its settings; whether it does.

    Raises:
        ApplicationError: The settings cannot be imported, or an app of them cannot.
    """
    if not os.environ.get(SETTINGS):
        return False
    try:
        import django

        django.setup()
    except Exception as error:  # settings and apps may raise anything
        raise ApplicationError(f"{SETTINGS}={os.environ[SETTINGS]}: {_said(error)}") from error
    return True


def _of_django() -> Any:
    if not os.environ.get(SETTINGS):
        raise ApplicationError(
            f"name the application, as main:app; or, in a Django project, set {SETTINGS} (or pass --settings)"
        )
    try:
        from chanspec.channels.discovery import default_application
    except ImportError as error:
        raise ApplicationError(f'{_said(error)}: pip install "chanspec[channels]"') from error
    try:
        return default_application()
    except Exception as error:
        raise ApplicationError(_said(error)) from error


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            known = [each.name for each in pkgutil.iter_modules([os.getcwd()])]
            raise ApplicationError(f"there is no module {error.name!r}{near_match(error.name, known)}") from error
        raise ApplicationError(f"importing {name} failed: {_said(error)}") from error
    except Exception as error:  # a module may raise anything while it is imported
        raise ApplicationError(f"importing {name} failed: {_said(error)}") from error


def _said(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _kind(value: Any) -> str:
    return f"class {value.__qualname__}" if isinstance(value, type) else type(value).__name__
