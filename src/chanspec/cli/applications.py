"""``module:attribute`` to the application it names, and the Django project that the environment names.

A command line's way to an application; what is found in one is :mod:`chanspec.discovery`'s concern.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from chanspec.imports import ImportFailedError, applications_in, imported, said
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
        raise ApplicationError(f"{name!r} names no application; write module:attribute, as {_meant(name)}")
    module = _import(module_name)
    found: Any = module
    for part in attributes.split("."):
        if not hasattr(found, part):
            names = [each for each in vars(found) if not each.startswith("_")] if hasattr(found, "__dict__") else []
            has = applications_in(module)
            hint = near_match(part, names) or (f"; it has {', '.join(has[:5])}" if has else "")
            raise ApplicationError(f"{module_name} has no {part!r}{hint}")
        found = getattr(found, part)
    if isinstance(found, type) or not callable(found):
        cure = f"; write {name}.as_asgi() in a module and name that" if hasattr(found, "as_asgi") else ""
        raise ApplicationError(f"{name} is no ASGI application but {_kind(found)}{cure}")
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
        name = os.environ[SETTINGS]
        if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
            try:
                imported(name)
            except ImportFailedError as missing:  # it says what may have been meant
                raise ApplicationError(f"{SETTINGS}={name}: {missing}") from error
        raise ApplicationError(f"{SETTINGS}={name}: {said(error)}") from error
    return True


def _of_django() -> Any:
    if not os.environ.get(SETTINGS):
        raise ApplicationError(
            f"name the application, as main:app; or, in a Django project, set {SETTINGS} (or pass --settings)"
        )
    try:
        from django.core.exceptions import ImproperlyConfigured

        from chanspec.channels.discovery import default_application
    except ImportError as error:
        raise ApplicationError(f'{said(error)}: pip install "chanspec[channels]"') from error
    try:
        return default_application()
    except ImproperlyConfigured as error:  # of a setting that is wrong, too
        raise ApplicationError(str(error)) from error


def _import(name: str) -> ModuleType:
    try:
        return imported(name)
    except ImportFailedError as error:
        raise ApplicationError(str(error)) from error


def _meant(name: str) -> str:
    """What a name that is none of an application may have been meant to be."""
    if name.endswith(".py"):
        dotted = ".".join(part for part in Path(name).with_suffix("").parts if part not in (".", "/"))
        return f"{dotted}:{_first_application(dotted)}"
    if ":" not in name and all(part.isidentifier() for part in name.split(".")):
        if attribute := _first_application(name):
            return f"{name}:{attribute}"
        if "." in name:
            return ":".join(name.rsplit(".", 1))
    return "main:app"


def _first_application(module: str) -> str:
    """The first application in a module, or the usual name for one; empty where there is no such module."""
    try:
        return next(iter(applications_in(imported(module))), "app")
    except ImportFailedError:
        return ""


def _kind(value: Any) -> str:
    kind = type(value).__name__
    return (
        f"a class, {value.__qualname__}" if isinstance(value, type) else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
    )
