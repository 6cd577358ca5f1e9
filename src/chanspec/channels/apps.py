"""The Django app. Its label is ``chanspec``, because ``channels`` is Channels' own."""

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Warning, register

from chanspec.channels.conf import settings


class ChanspecConfig(AppConfig):
    name = "chanspec.channels"
    label = "chanspec"
    verbose_name = "chanspec"
    project = settings

    def ready(self) -> None:
        register(check_settings)


def check_settings(**_: object) -> list[CheckMessage]:
    """Report what is wrong with a project's settings when it starts, not when a page is first asked for.

    Dicts of several names may be read, each by an installed app, and each of them falls back on ``CHANSPEC``: what is
    wrong with that is reported once.
    """
    projects = [app.project for app in apps.get_app_configs() if isinstance(app, ChanspecConfig)]
    mistakes = dict.fromkeys(mistake for project in projects for mistake in project.mistakes())
    errors: list[CheckMessage] = [Error(mistake, id="chanspec.E001") for mistake in mistakes]
    return [*errors, *(Warning(ignored, id="chanspec.W001") for project in projects for ignored in project.ignored())]
