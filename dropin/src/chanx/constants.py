"""The actions of the messages that consumers send by themselves, and the code that refuses a stranger."""

from typing import Final, Literal, TypeAlias

from chanspec.runtime.authenticator import UNAUTHENTICATED
from chanspec.testing import EVENT_ACTION_COMPLETE, GROUP_ACTION_COMPLETE, MESSAGE_ACTION_COMPLETE

__all__ = [
    "CHANX_ACTIONS",
    "CLOSE_UNAUTHENTICATED",
    "COMPLETE_ACTIONS",
    "COMPLETE_ACTIONS_TYPE",
    "EVENT_ACTION_COMPLETE",
    "GROUP_ACTION_COMPLETE",
    "MESSAGE_ACTION_COMPLETE",
]

COMPLETE_ACTIONS_TYPE: TypeAlias = Literal["complete", "event_complete", "group_complete"]
COMPLETE_ACTIONS: Final = {MESSAGE_ACTION_COMPLETE, EVENT_ACTION_COMPLETE, GROUP_ACTION_COMPLETE}
CHANX_ACTIONS: Final = COMPLETE_ACTIONS | {"error"}
CLOSE_UNAUTHENTICATED: Final = 4000 + UNAUTHENTICATED
