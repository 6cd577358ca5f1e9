"""A consumer with a mistake in its declarations, which leaves its document poorer."""

from __future__ import annotations

from typing import Any

from chanspec import document_action


class Untitled:
    @document_action(action="go", examples=[{"summary": "It has no payload."}])
    async def handle_go(self, content: dict[str, Any]) -> None: ...
