"""The app ``"channels_spectacular"`` of ``INSTALLED_APPS``: chanspec's templates and static files by another name."""

from pathlib import Path

from _chanspec_dropin import refuse_beside_originals
from channels_spectacular.settings import spectacular_settings
from chanspec.channels import apps

refuse_beside_originals()  # where the original was installed later, this file is left of ours


class ChannelsSpectacularConfig(apps.ChanspecConfig):
    name = "channels_spectacular"
    label = "channels_spectacular"
    verbose_name = "channels_spectacular, by chanspec"
    path = str(Path(apps.__file__).parent)  # where Django looks for templates, static files and commands
    project = spectacular_settings
