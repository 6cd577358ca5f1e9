"""The older spellings of types, in a module whose annotations are evaluated: no type checker may complain."""

from typing import Any, AsyncGenerator, Generic, List, Optional, Tuple, TypeVar, Union, assert_type  # noqa: UP035

from chanspec.channels.websocket import AsyncJsonWebsocketConsumer
from chanspec.decorators import event_handler, ws_handler
from chanspec.messages import PingMessage
from tests.typing.ok_messages import PAYLOAD, Chat, Joined, Kicked, Left, Move, Page, Said, Thread, ThreadMessage

Answer = Union[Said, Left]  # noqa: UP007
Content = TypeVar("Content")


class Evaluated(AsyncJsonWebsocketConsumer):
    @ws_handler(output_type=Answer)
    async def optional(self, message: Chat) -> Optional[Said]:  # noqa: UP045
        return None

    @ws_handler(output_type=List[Said])  # noqa: UP006
    async def listed(self, message: Union[Left, Move]) -> List[Answer]:  # noqa: UP006, UP007
        return [Said(payload=PAYLOAD)]

    @ws_handler(output_type=Optional[Said])  # noqa: UP045
    async def paired(self, message: ThreadMessage) -> Tuple[Said, Left]:  # noqa: UP006
        return Said(payload=PAYLOAD), Left()

    @ws_handler(input_type=Page[Thread], output_type=Page[Thread])
    async def paged(self, message: Any) -> AsyncGenerator[Page[Thread], None]:
        yield Page[Thread](payload=Thread())

    @event_handler(input_type=Union[Joined, Kicked])  # noqa: UP007
    async def came_or_went(self, event: Any) -> Any:
        return Said(payload=event.payload)


class Echoing(AsyncJsonWebsocketConsumer, Generic[Content]):
    """A consumer that is generic itself."""

    @ws_handler
    async def ping(self, message: PingMessage) -> None: ...


class EchoingThreads(Echoing[Thread]): ...


async def called_in_tests(consumer: Evaluated) -> None:
    assert_type(await consumer.optional(Chat(payload=PAYLOAD)), Optional[Said])  # noqa: UP045
    assert_type(await consumer.listed(Left()), list[Answer])
    assert_type(await consumer.paired(ThreadMessage(payload=Thread())), tuple[Said, Left])
    assert_type([each async for each in consumer.paged("whatever")], list[Page[Thread]])
