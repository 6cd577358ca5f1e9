"""The Django app. Its label is ``chanspec``, because ``channels`` is Channels' own."""

from django.apps import AppConfig
from django.core.checks import Error, register

from chanspec.channels.conf import settings


class ChanspecConfig(AppConfig):
    name = "chanspec.channels"
    label = "chanspec"
    verbose_name = "chanspec"

    def ready(self) -> None:
        register(check_settings)


def check_settings(**_: object) -> list[Error]:
    """Report what is wrong with ``CHANSPEC`` when the project starts, not when a page is first asked for."""
    return [Error(mistake, id="chanspec.E001") for mistake in settings.mistakes()]
