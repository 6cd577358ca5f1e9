"""The decorators, from where their own module was."""

from chanspec.decorators import document_action, document_event

__all__ = ["document_action", "document_event"]
