"""The documents that the project's views serve, kept until its settings change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.signals import setting_changed
from django.utils.translation import get_language

from chanspec.asyncapi.served import Document, Documents
from chanspec.channels.conf import NAMES
from chanspec.channels.generator import AsyncAPIGenerator


def _generator(generator_class: type[AsyncAPIGenerator] = AsyncAPIGenerator, **arguments: Any) -> AsyncAPIGenerator:
    return generator_class(**arguments)


documents = Documents(_generator)


def render(arguments: Mapping[str, Any], form: str) -> Document:
    """Return the document in the active language, whose texts translations are taken from.

    Args:
        arguments: The generator's, and its class as ``generator_class``.
        form: ``"yaml"`` or ``"json"``.
    """
    return documents.render(arguments, form, get_language())


def _forget(*, setting: str, **_: Any) -> None:
    if setting in NAMES:
        documents.forget()


setting_changed.connect(_forget)
