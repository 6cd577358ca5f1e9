"""The documents that the project's views serve, kept until ``CHANSPEC`` changes."""

from __future__ import annotations

from typing import Any

from django.core.signals import setting_changed

from chanspec.asyncapi.served import Documents
from chanspec.channels.conf import NAME
from chanspec.channels.generator import AsyncAPIGenerator


def _generator(**arguments: Any) -> AsyncAPIGenerator:
    return AsyncAPIGenerator(**arguments)


documents = Documents(_generator)
render = documents.render


def _forget(*, setting: str, **_: Any) -> None:
    if setting == NAME:
        documents.forget()


setting_changed.connect(_forget)
