"""The generator of a project's documents, with what ``CHANNELS_SPECTACULAR_SETTINGS`` says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from channels_spectacular.settings import spectacular_settings
from chanspec.asyncapi import Perspective
from chanspec.asyncapi.addresses import Address
from chanspec.channels import generator

__all__ = ["AsyncAPIGenerator"]


class AsyncAPIGenerator(generator.AsyncAPIGenerator):
    """As :class:`chanspec.channels.generator.AsyncAPIGenerator`; the document is a client's, which sends actions.

    The first four arguments may be given by position, and the first is called ``consumer_class`` too.
    """

    project = spectacular_settings

    def __init__(
        self,
        consumer_class: type | None = None,
        info: Mapping[str, Any] | None = None,
        servers: Mapping[str, Mapping[str, Any]] | None = None,
        channel_path: str | None = None,
        *,
        consumer: type | None = None,
        consumers: Iterable[tuple[type, str | Address]] | None = None,
        perspective: Perspective | None = None,
    ) -> None:
        super().__init__(
            consumer_class if consumer is None else consumer,
            consumers=consumers,
            info=info,
            servers=servers,
            channel_path=channel_path,
            perspective=perspective,
        )
