"""The Django app. Its label is ``chanspec``, because ``channels`` is Channels' own."""

from collections.abc import Callable
from functools import cache, partial

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Warning, register

from chanspec.channels.conf import Settings, settings


class ChanspecConfig(AppConfig):
    name = "chanspec.channels"
    label = "chanspec"
    verbose_name = "chanspec"
    project = settings

    def ready(self) -> None:
        register(_check_of(self.project))


@cache
def _check_of(settings: Settings) -> Callable[..., list[CheckMessage]]:
    """The check of a project's settings: the same one whenever the app becomes ready, so that it is registered once."""
    return partial(check_settings, settings)


def check_settings(settings: Settings, **_: object) -> list[CheckMessage]:
    """Report what is wrong with a project's settings when it starts, not when a page is first asked for."""
    errors: list[CheckMessage] = [Error(mistake, id="chanspec.E001") for mistake in settings.mistakes()]
    return [*errors, *(Warning(ignored, id="chanspec.W001") for ignored in settings.ignored())]
