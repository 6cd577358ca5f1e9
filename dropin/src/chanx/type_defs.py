"""Types for annotations."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from pydantic import BaseModel

__all__ = ["SendMessageFn"]

SendMessageFn: TypeAlias = Callable[[BaseModel], Awaitable[None]]
