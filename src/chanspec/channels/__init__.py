"""chanspec for Django Channels: an app for ``INSTALLED_APPS``, views, discovery and the export command."""
