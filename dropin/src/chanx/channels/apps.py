"""The app of ``INSTALLED_APPS``, for its check of the settings; the page's files are served by the page itself."""

from chanspec.channels import apps
from chanx.channels.settings import project_settings


class ChanxChannelsConfig(apps.ChanspecConfig):
    name = "chanx.channels"
    label = "chanx_channels"
    verbose_name = "chanx, by chanspec"
    project = project_settings
