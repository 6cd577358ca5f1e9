"""chanspec for Django Channels: an app for ``INSTALLED_APPS``, consumers, views, discovery and the export command.

:class:`GroupMember` is for consumers of Channels' own that are in groups which typed consumers broadcast to.
"""

from chanspec.runtime.plain import GroupMember

__all__ = ["GroupMember"]
