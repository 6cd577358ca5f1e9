"""What type checkers demand of a handler and of the decorators' arguments. Nothing of it is used at run time.

A mistake that ``ws_handler`` and ``event_handler`` let through here is still an error when the class is defined.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterable, Callable, Collection, Coroutine, Sequence
from types import UnionType
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar, _SpecialForm, overload

from chanspec.messages import BaseChannelEvent, BaseMessage

if sys.version_info >= (3, 12):
    from typing import TypeAliasType
else:
    from typing_extensions import TypeAliasType

Sent: TypeAlias = BaseMessage | BaseChannelEvent
"""What a handler may send. A channel event may be passed on to the client as it is."""

Replies: TypeAlias = Sent | Sequence[Sent] | None
Returned: TypeAlias = Coroutine[Any, Any, Replies] | AsyncIterable[Replies]
"""What calling a handler returns: it is an async method or an async generator."""

# Of a union, type checkers see no more than that it is one.
SomeUnion: TypeAlias = UnionType | TypeAliasType | _SpecialForm
MessageTypes: TypeAlias = type[BaseMessage] | Sequence[type[BaseMessage]] | SomeUnion | str
EventTypes: TypeAlias = type[Sent] | Sequence[type[Sent]] | SomeUnion | str
OutputTypes: TypeAlias = type[Sent] | type[Collection[Sent]] | Sequence[type[Sent]] | SomeUnion

Parameters = ParamSpec("Parameters")
Consumer = TypeVar("Consumer")
Message = TypeVar("Message", bound=BaseMessage)
Event = TypeVar("Event", bound=Sent)
Reply = TypeVar("Reply", bound=Returned)

_Consumer = TypeVar("_Consumer", contravariant=True)
_Taken = TypeVar("_Taken", bound=Sent, contravariant=True)
_Reply = TypeVar("_Reply", bound=Returned, covariant=True)


class Handling(Protocol[Parameters, _Consumer, _Taken, _Reply]):  # pyright: ignore[reportInvalidTypeVarUse]
    """A method that handles something.

    It has to fit both signatures: one says what it takes, the other keeps the names of its parameters.
    """

    @overload
    def __call__(self, consumer: _Consumer, message: _Taken, /) -> _Reply: ...

    @overload
    def __call__(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> _Reply: ...


class HandlesMessages(Protocol):
    """What ``ws_handler(…)`` returns."""

    def __call__(self, func: Handling[Parameters, Consumer, Message, Reply], /) -> Callable[Parameters, Reply]: ...


class HandlesEvents(Protocol):
    """What ``event_handler(…)`` returns."""

    def __call__(self, func: Handling[Parameters, Consumer, Event, Reply], /) -> Callable[Parameters, Reply]: ...
