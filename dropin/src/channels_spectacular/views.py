"""The views, with what ``CHANNELS_SPECTACULAR_SETTINGS`` says."""

from __future__ import annotations

from typing import Any

from channels_spectacular.generator import AsyncAPIGenerator
from channels_spectacular.settings import spectacular_settings
from chanspec.channels import views

__all__ = ["AsyncAPIDocView", "AsyncAPISpecView"]


class AsyncAPISpecView(views.AsyncAPISpecView):
    """As :class:`chanspec.channels.views.AsyncAPISpecView`, but it documents only consumers that it was given.

    Raises:
        ValueError: It has neither ``consumer`` nor ``consumers``.
    """

    generator_class = AsyncAPIGenerator

    def get_consumers(self) -> dict[str, Any]:
        """The generator's arguments that say what is documented."""
        if self.consumer is None and self.consumers is None:
            raise views.NoConsumerError(
                f"{type(self).__name__} has neither consumer nor consumers; "
                'write as_view(consumer=MyConsumer) or as_view(consumers=[(MyConsumer, "/ws/path/")])'
            )
        return super().get_consumers()


class AsyncAPIDocView(views.AsyncAPIDocView):
    """As :class:`chanspec.channels.views.AsyncAPIDocView`."""

    project = spectacular_settings
