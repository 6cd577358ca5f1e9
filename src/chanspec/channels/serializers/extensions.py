"""drf-spectacular's extensions of a project: ``OpenApiSerializerFieldExtension``, ``OpenApiSerializerExtension``.

They count where the project imports them. An extension is handed a stand-in for drf-spectacular's ``AutoSchema`` that
has what extensions use of it (its private methods, as documented there) and knows of no view.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from chanspec.channels.serializers.columns import column_schema
from chanspec.channels.serializers.instances import instance_of, path_of
from chanspec.schemas import CannotDescribe, JsonSchema
from chanspec.schemas.keywords import REF, map_refs

if TYPE_CHECKING:
    from chanspec.channels.serializers.walk import Walk

_COMPONENT = "#/components/schemas/"


def extension_schema(field: Any, walk: Walk) -> JsonSchema | None:
    """Return what the extension for a field or serializer says; None where there is no extension for it.

    Raises:
        CannotDescribe: The extension raised, or returned something else than a schema.
    """
    module = sys.modules.get("drf_spectacular.extensions")
    if module is None:
        return None
    is_serializer = isinstance(field, serializers.BaseSerializer)
    kind = module.OpenApiSerializerExtension if is_serializer else module.OpenApiSerializerFieldExtension
    extension = kind.get_match(field)
    if extension is None:
        return None
    auto_schema = _AutoSchema(walk)
    told = "request" if walk.direction == "in" else "response"
    try:
        ask = extension.map_serializer if is_serializer else extension.map_serializer_field
        schema = auto_schema.plain(ask(auto_schema, told))
    except CannotDescribe:
        raise
    except Exception as error:
        where = path_of(type(extension))
        raise CannotDescribe(
            f"{path_of(type(field))} cannot be described: its drf-spectacular extension {where} raised "
            f"{type(error).__name__}: {error}",
            "let the extension work without a view, or give the class a chanspec_schema",
        ) from error
    name = None if is_serializer else extension.get_name()
    return walk.named(name, schema) if name else schema


class _AutoSchema:
    """What an extension may ask of drf-spectacular's ``AutoSchema``."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._components: dict[str, JsonSchema] = {}  # those that an extension registers
        self._resolved: dict[str, str] = {}  # name of a component → the reference that it stands for
        self.registry = self

    def register_on_missing(self, component: Any) -> None:
        self._components.setdefault(component.name, component.schema)

    register = register_on_missing

    def resolve_serializer(self, serializer: Any, direction: str, bypass_extensions: bool = False) -> Any:
        plumbing: Any = sys.modules["drf_spectacular.plumbing"]  # extensions cannot do without it
        instance = instance_of(serializer)
        title = self._walk.title_of(instance)
        value = self._walk.value(instance, extensions=not bypass_extensions)
        schema = self._walk.named(title, value)
        name = str(schema["$ref"]).removeprefix(REF)
        schema = self._walk.marked(schema)
        self._resolved[name] = schema["$ref"]
        return plumbing.ResolvedComponent(name=name, type="schemas", schema=schema, object=serializer)

    def _map_serializer(self, serializer: Any, direction: str, bypass_extensions: bool = False) -> JsonSchema:
        return self._walk.marked(self._walk.object(instance_of(serializer)))

    def _map_serializer_field(self, field: Any, direction: str, bypass_extensions: bool = False) -> JsonSchema:
        return self._walk.marked(self._walk.value(field, extensions=not bypass_extensions))

    def _map_model_field(self, model_field: Any, direction: str) -> JsonSchema:
        return self._walk.marked(column_schema(model_field, self._walk.value))

    def _unwrap_list_serializer(self, serializer: Any, direction: str) -> JsonSchema:
        return self._walk.marked(self._walk.value(instance_of(serializer)))

    def _get_serializer_name(self, serializer: Any, direction: str, bypass_extensions: bool = False) -> str:
        return self._walk.title_of(instance_of(serializer))

    def plain(self, schema: Any) -> JsonSchema:
        """A schema with the components that it refers to under ``$defs``."""
        if schema is None:
            return {}
        if not isinstance(schema, dict):
            raise TypeError(f"it returned {schema!r}")
        known = self._resolved

        def moved(ref: str) -> str:
            name = ref.removeprefix(_COMPONENT)
            if not ref.startswith(_COMPONENT):
                return ref
            return REF + name if name in self._components else known.get(name, REF + name)

        definitions = {name: map_refs(each, moved) for name, each in self._components.items()}
        told: JsonSchema = map_refs(schema, moved)
        return {**told, "$defs": definitions} if definitions else told
