"""`manage.py export_asyncapi`, with what ``CHANNELS_SPECTACULAR_SETTINGS`` says."""

from channels_spectacular.generator import AsyncAPIGenerator
from chanspec.channels.management.commands import export_asyncapi


class Command(export_asyncapi.Command):
    generator_class = AsyncAPIGenerator
