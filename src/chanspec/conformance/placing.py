"""Where the channels of a document are on its server: the server's ``pathname`` comes before their addresses."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from chanspec.conformance.document import Api, Channel

__all__ = ["placed"]


def placed(api: Api, base: str) -> Api:
    """The document, with the whole path of every channel as its address (AsyncAPI 3.0, Server Object).

    Args:
        api: The document.
        base: The server that is asked, ``ws://host:port``. The pathname is that of the document's server with this
            host, or of its first one if none has it: a document of production may be tried on this machine.
    """
    host = urlsplit(base).netloc
    return replace(api, channels=tuple(_placed(each, host) for each in api.channels))


def _placed(channel: Channel, host: str) -> Channel:
    if not channel.servers:
        return channel
    pathname = dict(reversed(channel.servers)).get(host, channel.servers[0][1])
    return replace(channel, address=pathname + channel.address)
