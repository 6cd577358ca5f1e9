"""Contracts → one AsyncAPI 3 document.

Section names in docstrings are those of the AsyncAPI 3.0.0 specification.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Literal, get_args

from chanspec.asyncapi import addresses, text
from chanspec.asyncapi.channels import ChannelWriter, OperationKind
from chanspec.asyncapi.garbage import uncollected
from chanspec.asyncapi.given import checked_info, checked_servers
from chanspec.asyncapi.names import Names, channel_names
from chanspec.asyncapi.plain import plain
from chanspec.asyncapi.security import Security
from chanspec.bases import is_served
from chanspec.contract import contract_of
from chanspec.problems import Problem, near_match

Perspective = Literal["server", "client"]
"""Whose document it is. ``server``: actions are ``receive``, events ``send``. ``client``: the reverse."""

VERSIONS = ("3.0.0", "3.1.0")


class AsyncAPIGenerator:
    """Builds the AsyncAPI document of one or many consumers.

    The document is built at the first call that needs it and kept. This class reads no settings: a Django project has
    ``chanspec.channels.generator.AsyncAPIGenerator``, which takes what its arguments leave open from ``CHANSPEC``.

    Args:
        consumer: A single consumer class.
        consumers: Several, as ``(class, address)`` pairs; their operations and messages are prefixed with their
            channel's name. An address is a path, whose parameters may be written ``{room_id}``,
            ``{room_id:int}`` or ``<int:room_id>``.
        info: The Info Object; ``title`` and ``version`` have defaults.
        servers: The Servers Object, by name; each needs ``host`` and ``protocol``.
        channel_path: The address of ``consumer``; ``/`` by default.
        perspective: Whose document it is.
        query_param: The query parameter that carries a token, if clients may authenticate so.
        cookie_name: The cookie that carries a session or token, likewise.
        asyncapi_version: ``"3.0.0"`` or ``"3.1.0"``.

    Raises:
        ValueError: No consumer, both kinds of argument, or a value outside those above.
        TypeError: A consumer is no class, or ``info`` or a server is not as the standard has it.

    Example:
        >>> generator = AsyncAPIGenerator(DispatchConsumer, channel_path="/ws/dispatch/")
        >>> print(generator.get_yaml())
    """

    def __init__(
        self,
        consumer: type | None = None,
        *,
        consumers: Iterable[tuple[type, str | addresses.Address]] | None = None,
        info: Mapping[str, Any] | None = None,
        servers: Mapping[str, Mapping[str, Any]] | None = None,
        channel_path: str | None = None,
        perspective: Perspective = "server",
        query_param: str | None = None,
        cookie_name: str | None = None,
        asyncapi_version: str = "3.0.0",
    ) -> None:
        _check_choice("perspective", perspective, get_args(Perspective))
        _check_choice("asyncapi_version", asyncapi_version, VERSIONS)
        self._channels = _channels(consumer, consumers, channel_path)
        self._info = checked_info(info or {})
        self._servers = checked_servers(servers or {})
        self._perspective = perspective
        self._security = Security(query_param, cookie_name)
        self._version = asyncapi_version
        self._problems: list[Problem] = []

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the declarations the document was built from."""
        _ = self._document
        return tuple(dict.fromkeys(self._problems))

    def get_spec(self) -> dict[str, Any]:
        """Return the document as plain JSON values; it is the caller's own copy."""
        with uncollected():
            document: dict[str, Any] = plain(self._document)
        return document

    def get_yaml(self) -> str:
        """Return the document as YAML 1.2; the same declarations give the same bytes."""
        return text.to_yaml(self._document)

    def get_json(self) -> str:
        """Return the document as indented JSON."""
        return text.to_json(self._document)

    def _secured_servers(self) -> dict[str, Any]:
        """The Servers Object, known before anything is built. The rest depends on whether it is empty, and no more."""
        return {name: server | self._security.requirements() | server for name, server in self._servers.items()}

    @cached_property
    def _document(self) -> dict[str, Any]:
        with uncollected():
            return self._build()

    def _build(self) -> dict[str, Any]:
        receives: OperationKind = "receive" if self._perspective == "server" else "send"
        writer = ChannelWriter(self._security, receives=receives, secure_operations=not self._servers)
        names = Names(fold=True)
        many = len(self._channels) > 1
        for consumer, address in self._channels:
            contract = contract_of(consumer)
            name = names.take(*channel_names(contract, address.path))
            writer.add(contract, address, name, prefixed=many)
            if (contract.handlers or contract.event_handlers) and not is_served(consumer):
                writer.problems.append(Problem(contract.where, *_NOT_SERVED))
        self._problems = writer.problems
        schemes = self._security.schemes()
        components = {**writer.components(), **({"securitySchemes": schemes} if schemes else {})}
        secured = self._secured_servers()
        return {
            "asyncapi": self._version,
            "x-perspective": self._perspective,
            "info": self._info,
            "defaultContentType": "application/json",
            **({"servers": secured} if secured else {}),
            "channels": writer.channels,
            "operations": writer.operations,
            "components": components,
        }


_NOT_SERVED = (
    "no base class of it calls its @ws_handler and @event_handler methods, so nothing serves what is documented",
    "derive it from AsyncJsonWebsocketConsumer of chanspec.channels.websocket or chanspec.starlette.websocket",
)


def _channels(
    consumer: type | None,
    consumers: Iterable[tuple[type, str | addresses.Address]] | None,
    channel_path: str | None,
) -> list[tuple[type, addresses.Address]]:
    if consumer is not None and consumers is not None:
        raise ValueError("pass either consumer or consumers, not both")
    if consumers is not None and channel_path is not None:
        raise ValueError("channel_path goes with consumer; in consumers each has its own, as (class, address)")
    if consumer is not None:
        return [(consumer, _address(channel_path or "/"))]
    pairs = list(consumers or ())
    if not pairs:
        raise ValueError("there is no consumer to document; pass consumer=… or consumers=[(class, address), …]")
    for pair in pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise TypeError(f"consumers takes (class, address) pairs, not {pair!r}")
    return [(each, _address(path)) for each, path in pairs]


def _address(path: str | addresses.Address) -> addresses.Address:
    return path if isinstance(path, addresses.Address) else addresses.parse(path)


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        listed = " or ".join(map(repr, choices))
        raise ValueError(f"{name} is {listed}, not {value!r}{near_match(str(value), choices)}")
