"""The Django app. Its label is ``chanspec``, because ``channels`` is Channels' own."""

import functools
import logging

from django.apps import AppConfig, apps
from django.conf import settings as django_settings
from django.core.checks import ERROR, CheckMessage, Error, Warning, register

from chanspec.channels.conf import settings

logger = logging.getLogger("chanspec.apps")


class ChanspecConfig(AppConfig):
    name = "chanspec.channels"
    label = "chanspec"
    verbose_name = "chanspec"
    project = settings

    def ready(self) -> None:
        register(check_settings)
        register(check_project)
        register(check_deployment, deploy=True)
        if django_settings.DEBUG:
            _look_at_first_frames()


def _look_at_first_frames() -> None:
    # Here, so that a project in production does not import what it may have no use for; and Channels' consumers first,
    # so that they are there to be wrapped.
    import channels.consumer  # noqa: F401

    from chanspec.enforcement.hosts import look_at_first_frames

    look_at_first_frames()


def check_app(**_: object) -> list[CheckMessage]:
    """Say so where chanspec is used and none of its apps is installed."""
    if any(isinstance(app, ChanspecConfig) for app in apps.get_app_configs()):
        return []
    what = "chanspec is used, and 'chanspec.channels' is not in INSTALLED_APPS."
    hint = "Add it: it brings export_asyncapi, the page's static files, and checks of settings, routes and consumers."
    return [Warning(what, hint=hint, id="chanspec.W002")]


@functools.cache
def tell_if_missing() -> None:
    """Say, once, that no app of chanspec's is installed. Consumers and views do this where they are imported.

    As a check, if models import them, before Django runs its checks. Those that ``urls.py`` or ``asgi.py`` imports are
    too late for that, and it is logged.
    """
    register(check_app)
    for message in check_app() if apps.ready else ():
        if not message.is_silenced():
            logger.warning("%s %s", message.msg, message.hint)


def check_project(**_: object) -> list[CheckMessage]:
    """Look at the server and at what ``ASGI_APPLICATION`` routes; see :mod:`chanspec.channels.checks`."""
    if any(each.level >= ERROR for each in check_settings()):  # it says what is wrong; no contract can be made with it
        return []
    from chanspec.channels import checks  # it imports all that makes a document, which most commands do without

    return checks.check_project()


def check_deployment(**_: object) -> list[CheckMessage]:
    """Look at the channel layer, with ``--deploy``; see :mod:`chanspec.channels.checks`."""
    from chanspec.channels import checks

    return checks.check_deployment()


def check_settings(**_: object) -> list[CheckMessage]:
    """Report what is wrong with a project's settings when it starts, not when a page is first asked for.

    Dicts of several names may be read, each by an installed app, and each of them falls back on ``CHANSPEC``: what is
    wrong with that is reported once.
    """
    projects = [app.project for app in apps.get_app_configs() if isinstance(app, ChanspecConfig)]
    mistakes = dict.fromkeys(mistake for project in projects for mistake in project.mistakes())
    errors: list[CheckMessage] = [Error(mistake, id="chanspec.E001") for mistake in mistakes]
    return [*errors, *(Warning(ignored, id="chanspec.W001") for project in projects for ignored in project.ignored())]
