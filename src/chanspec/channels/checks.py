"""Django's system checks: what would fail, or never be reached, when the first client connects."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

from channels.layers import InMemoryChannelLayer, get_channel_layer
from django.conf import settings as django_settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.management import get_commands

from chanspec.asyncapi import AsyncAPIGenerator
from chanspec.asyncapi.walk import Discovery
from chanspec.channels import discovery
from chanspec.contract import contract_of
from chanspec.contract.sends import undeclared_sends
from chanspec.problems import Problem
from chanspec.runtime.checks import has_server, layer_missing

__all__ = ["check_deployment", "check_project"]

_WITHOUT_WEBSOCKETS = ("django.core", "django.contrib.staticfiles")
"""The apps whose ``runserver`` serves HTTP only."""

_LAYER = (
    "write CHANNEL_LAYERS = {'default': {'BACKEND': 'channels.layers.InMemoryChannelLayer'}} for one process, or"
    " channels_redis' layer for several"
)


def check_project() -> list[CheckMessage]:
    """Look at the server, and at all that ``ASGI_APPLICATION`` routes."""
    return [*_server(), *_consumers()]


def _server() -> list[CheckMessage]:
    """Say so where nothing serves WebSockets, or where Django's own ``runserver`` runs, which does not."""
    if get_commands().get("runserver") not in _WITHOUT_WEBSOCKETS or (has_server() and not _is_runserver()):
        return []
    what = "Django's own runserver serves no WebSockets: it answers each handshake with 404."
    hint = (
        'pip install daphne, and put "daphne" first in INSTALLED_APPS; or pip install "uvicorn[standard]", and run '
        f"`uvicorn {_application_name()}`."
    )
    return [Warning(what, hint=hint, id="chanspec.W003")]


def _consumers() -> list[CheckMessage]:
    if not getattr(django_settings, "ASGI_APPLICATION", None):
        what = "ASGI_APPLICATION is not set, so no consumer is found."
        return [Warning(what, hint=f'Write ASGI_APPLICATION = "{_application()}".', id="chanspec.W004")]
    try:
        return list(_of_routes(discovery.walk()))
    except Exception as error:  # a project's modules may raise anything while they are imported
        text = " ".join(str(error).split())
        what = f"The consumers of ASGI_APPLICATION cannot be looked at: {type(error).__name__}: {text}"
        return [Error(what, id="chanspec.E002")]


def check_deployment() -> list[CheckMessage]:
    """With ``--deploy``: look at the channel layer, which may be one for tests and for one process only."""
    layer: Any = get_channel_layer() if getattr(django_settings, "CHANNEL_LAYERS", None) else None
    if not isinstance(layer, InMemoryChannelLayer):
        return []
    what = "The channel layer is in memory: what one process broadcasts, connections of other processes do not get."
    hint = 'Use channels_redis: pip install "chanspec[redis]"; or serve with one process, and silence this check.'
    return [Warning(what, hint=hint, id="chanspec.W008")]


def _of_routes(found: Discovery) -> Iterator[CheckMessage]:
    for problem in found.problems:
        yield _message(problem, "005")
    for consumer in dict.fromkeys(route.consumer for route in found.routes):
        if (missing := layer_missing(consumer, partial(_layer_of, consumer), _LAYER)) is not None:
            yield _message(missing, "004")
        for problem in undeclared_sends(contract_of(consumer)):
            yield _message(problem, "007")
    if documented := [(route.consumer, route.address) for route in found.documented]:
        for problem in AsyncAPIGenerator(consumers=documented).problems:
            yield _message(problem, "006")


def _layer_of(consumer: Any) -> Any:
    if hasattr(consumer, "get_channel_layer"):
        return consumer.get_channel_layer()
    return get_channel_layer(consumer.channel_layer_alias) if hasattr(consumer, "channel_layer_alias") else True


def _message(problem: Problem, number: str) -> CheckMessage:
    text, hint = f"{problem.where}: {problem.what}.", f"{problem.cure[:1].upper()}{problem.cure[1:]}."
    if problem.is_error:
        return Error(text, hint=hint, id=f"chanspec.E{number}")
    return Warning(text, hint=hint, id=f"chanspec.W{number}")


def _is_runserver() -> bool:
    return sys.argv[1:2] == ["runserver"]


def _application_name() -> str:
    """What uvicorn takes for ``ASGI_APPLICATION``."""
    module, _, name = _application().rpartition(".")
    return f"{module}:{name}"


def _application() -> str:
    """``ASGI_APPLICATION``, or what it would be in a project as ``startproject`` makes it."""
    project = str(getattr(django_settings, "ROOT_URLCONF", None) or "mysite.urls").partition(".")[0]
    return str(getattr(django_settings, "ASGI_APPLICATION", None) or f"{project}.asgi.application")
