"""The generator of a project's documents, with what ``CHANNELS_SPECTACULAR_SETTINGS`` says."""

from channels_spectacular.settings import spectacular_settings
from chanspec.channels import generator

__all__ = ["AsyncAPIGenerator"]


class AsyncAPIGenerator(generator.AsyncAPIGenerator):
    """As :class:`chanspec.channels.generator.AsyncAPIGenerator`; the document is a client's, which sends actions."""

    project = spectacular_settings
