"""Documents as they are sent, kept while their arguments are the same, so that asking again costs nothing.

It knows no framework; views ask it for bytes and an entity tag.
"""

from __future__ import annotations

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal, TypeAlias

from chanspec.asyncapi.addresses import Address
from chanspec.asyncapi.generator import AsyncAPIGenerator

__all__ = ["KEPT", "MEDIA_TYPES", "Document", "Documents", "Form"]

logger = logging.getLogger("chanspec")

Form: TypeAlias = Literal["yaml", "json"]

MEDIA_TYPES: Mapping[str, str] = {"yaml": "application/yaml", "json": "application/json"}

KEPT = 32
"""How many documents are kept: the host that a client names is part of one."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is sent, and its strong entity tag (RFC 9110, 8.8.3)."""

    content: bytes
    etag: str


class Documents:
    """The documents that a generator has made, the most recent ones kept.

    Args:
        generator: Returns the generator for arguments that are given by name.
    """

    def __init__(self, generator: Callable[..., AsyncAPIGenerator]) -> None:
        self._generator = generator
        self._documents: OrderedDict[Hashable, Document] = OrderedDict()
        self._reported: set[str] = set()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._documents)

    def render(self, arguments: Mapping[str, Any], form: str, variant: Hashable = None) -> Document:
        """Return the document that the generator makes of ``arguments``, as ``"yaml"`` or ``"json"``.

        Problems in the declarations are logged as warnings, each once in a process.

        Args:
            arguments: The generator's, by name.
            form: Of the text.
            variant: What else the document depends on, such as the language of translated texts.
        """
        key = (form, variant, _frozen(arguments))
        with self._lock:
            if key in self._documents:
                self._documents.move_to_end(key)
                return self._documents[key]
        generator = self._generator(**arguments)
        content = (generator.get_yaml() if form == "yaml" else generator.get_json()).encode()
        document = Document(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
        with self._lock:
            self._report(generator)
            self._documents[key] = document
            while len(self._documents) > KEPT:
                self._documents.popitem(last=False)
        return document

    def forget(self) -> None:
        """Drop every document, because what they were made from has changed."""
        with self._lock:
            self._documents.clear()

    def _report(self, generator: AsyncAPIGenerator) -> None:
        for problem in generator.problems:
            if (line := str(problem)) not in self._reported:
                self._reported.add(line)
                logger.warning("%s", line)


def _frozen(value: Any) -> Hashable:
    """A key that is equal for equal arguments: consumers by identity, everything else by value."""
    if isinstance(value, Mapping):
        return tuple((str(key), _frozen(each)) for key, each in value.items())
    if isinstance(value, list | tuple):
        return tuple(_frozen(each) for each in value)
    if isinstance(value, Address):  # as text it would be without its parameters
        return repr(value)
    return value if isinstance(value, type) else (type(value).__name__, str(value))
