"""The generator of a project's documents, with what ``CHANX`` says."""

from chanspec.channels import generator
from chanx.channels.settings import project_settings

__all__ = ["AsyncAPIGenerator"]


class AsyncAPIGenerator(generator.AsyncAPIGenerator):
    """As :class:`chanspec.channels.generator.AsyncAPIGenerator`: a server's, which receives messages."""

    project = project_settings
