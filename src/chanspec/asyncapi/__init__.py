"""Contracts → an AsyncAPI 3 document, as Python values, YAML or JSON."""

from chanspec.asyncapi.generator import AsyncAPIGenerator, Perspective

__all__ = ["AsyncAPIGenerator", "Perspective"]
