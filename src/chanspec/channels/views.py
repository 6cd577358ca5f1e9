"""The document and the page that shows it, as ordinary Django views, and the document as a value.

Wrap them as any view, for example in ``login_required(AsyncAPIDocView.as_view())``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.safestring import mark_safe
from django.views import View

from chanspec import viewer
from chanspec.asyncapi import Perspective
from chanspec.asyncapi.addresses import Address
from chanspec.channels import discovery, documents, page
from chanspec.channels.apps import tell_if_missing
from chanspec.channels.conf import Settings, settings
from chanspec.channels.generator import AsyncAPIGenerator, default_servers, names_servers
from chanspec.channels.prefix import prefix_of

_LONGEST_HOST = 255 + len(":65535")  # RFC 1035, 2.3.4; Django asks for its characters only
_MEDIA_TYPES = {"yaml": "application/yaml", "json": "application/json"}


class NoConsumerError(ValueError):
    """A view was given no consumer to document, and the project routes none that declares messages."""


class AsyncAPISpecView(View):
    """The AsyncAPI document, as YAML, or as JSON to who asks for it by ``Accept`` or ``?format=json``.

    ``as_view()`` takes each of the attributes.

    Attributes:
        consumer: One consumer class.
        consumers: Several, as ``(class, address)`` pairs. With neither, every consumer of the project's ASGI
            application that declares messages.
        info: The Info Object, over the settings.
        servers: The Servers Object; by default ``SERVERS``, else the host and protocol of the request.
        channel_path: The address of ``consumer``; by default ``CHANNEL_PATH``.
        perspective: ``"server"`` or ``"client"``; by default ``PERSPECTIVE``.
        generator_class: What makes the document, and knows the project's settings.

    Raises:
        NoConsumerError: There is nothing to document.
    """

    consumer: type | None = None
    consumers: Sequence[tuple[type, str | Address]] | None = None
    info: Mapping[str, Any] | None = None
    servers: Mapping[str, Mapping[str, Any]] | None = None
    channel_path: str | None = None
    perspective: Perspective | None = None
    generator_class: type[AsyncAPIGenerator] = AsyncAPIGenerator
    http_method_names = ["get", "head", "options"]
    default_format: Literal["yaml", "json"] = "yaml"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen = request.GET.get("format") or _preferred(request, self.default_format)
        if chosen not in _MEDIA_TYPES:
            return HttpResponseBadRequest("format is yaml or json", content_type="text/plain")
        arguments = {"generator_class": self.generator_class, **self.get_arguments(request)}
        document = documents.render(arguments, chosen)
        response = HttpResponse(document.content, content_type=_MEDIA_TYPES[chosen])
        response["Cache-Control"] = "no-cache"  # keep it, but ask whether it is still the same
        response["ETag"] = document.etag
        patch_vary_headers(response, ["Accept", "Host"])
        answer: HttpResponseBase = get_conditional_response(request, etag=document.etag, response=response) or response
        return answer

    def get_arguments(self, request: HttpRequest) -> dict[str, Any]:
        """The generator's arguments for this request; override it to choose consumers or servers by the request."""
        return {
            **self.get_consumers(),
            "info": self.info,
            "servers": self.get_servers(request),
            "perspective": self.perspective,
        }

    def get_consumers(self) -> dict[str, Any]:
        """The generator's arguments that say what is documented."""
        if self.consumer is not None:
            return {"consumer": self.consumer, "channel_path": self.channel_path}
        if self.consumers is not None:
            return {"consumers": self.consumers}
        return {"consumers": _discovered(type(self).__name__)}

    def get_servers(self, request: HttpRequest) -> Mapping[str, Mapping[str, Any]]:
        """The view's servers, else those of the settings, else the one that was asked.

        Behind a proxy the request's host and protocol are right when Django's ``USE_X_FORWARDED_HOST`` and
        ``SECURE_PROXY_SSL_HEADER`` are, and the path before the addresses when the server's ``root_path`` or
        ``FORCE_SCRIPT_NAME`` is.
        """
        if self.servers is not None:
            return self.servers
        project = self.generator_class.project
        if names_servers(project):
            return default_servers(settings=project)
        prefix = prefix_of(request, self._addresses)
        if prefix is None:
            return {}
        protocol = "wss" if request.is_secure() else "ws"
        host = request.get_host()
        asked = host if len(host) <= _LONGEST_HOST else None
        return default_servers(asked, protocol, project, pathname=prefix)

    def _addresses(self) -> list[str]:
        """The addresses as they are routed; ``/`` where only ``get_arguments`` knows them."""
        try:
            told = self.get_consumers()
        except NoConsumerError:
            return ["/"]
        if "consumers" in told:
            return [str(address) for _, address in told["consumers"]]
        return [told["channel_path"] or self.generator_class.project.CHANNEL_PATH]


class AsyncAPIDocView(View):
    """The page that shows documents.

    ``as_view()`` takes each of the attributes.

    Attributes:
        spec_url: The address of a document, which may be a hand-written one; by default ``asyncapi.yaml``
            below the page's own path.
        specs: Several, as ``(label, address)`` pairs, between which the page switches; goes before ``spec_url``.
        template_name: A template around the page. Its context has ``chanspec.head`` and ``chanspec.body``, the
            two fragments it must hold, and ``title``.
    """

    spec_url: str | None = None
    specs: Sequence[tuple[str, str]] | None = None
    template_name: str = page.TEMPLATE
    project: ClassVar[Settings] = settings
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if (name := request.GET.get("asset")) is not None:
            return _asset(request, name)
        return HttpResponse(page.render(self.template_name, self.get_context(request), request))

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        """The template's context.

        Args:
            request: The page's.
        """
        title = str(self.project.TITLE)
        urls = page.asset_urls()
        fragments = {
            "head": mark_safe(viewer.head(title, urls.first)),  # noqa: S308 - the viewer escapes what it is given
            "body": mark_safe(  # noqa: S308
                viewer.body(title, self.get_specs(request), urls.first, urls.spare, try_it_out=self.get_try_it_out())
            ),
        }
        return {"title": title, "chanspec": fragments}

    def get_try_it_out(self) -> viewer.TryItOut:
        """Whether the page offers to connect and send; by default as the settings say."""
        choice: viewer.TryItOut | None = self.project.TRY_IT_OUT
        if choice is not None:
            return choice
        if not self.project.TRY_IT_OUT_ENABLED:
            return "off"
        return "open" if self.project.TRY_IT_OUT_EXPANDED else "closed"

    def get_specs(self, request: HttpRequest) -> Sequence[tuple[str, str]]:
        """The documents that the page offers, as ``(label, address)`` pairs; override it to choose them by the request.

        Args:
            request: The page's.
        """
        if self.specs:
            return self.specs
        return [(str(self.project.TITLE), self.spec_url or _below(request, "asyncapi.yaml"))]


class AsyncAPISchemaView(AsyncAPISpecView):
    """:class:`AsyncAPISpecView` for clients that expect JSON: YAML by ``Accept`` or ``?format=yaml``."""

    default_format = "json"


class AsyncAPIDocsView(AsyncAPIDocView):
    """The page, which needs no other view: it serves the document of all routed consumers itself, by ``?format=``.

    Attributes are those of :class:`AsyncAPIDocView`; with ``spec_url`` or ``specs`` it shows those documents.
    """

    schema_view: ClassVar[type[AsyncAPISpecView]] = AsyncAPISchemaView

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if "format" in request.GET and "asset" not in request.GET:
            return self.schema_view.as_view()(request)
        return super().get(request, *args, **kwargs)

    def get_specs(self, request: HttpRequest) -> Sequence[tuple[str, str]]:
        if self.specs or self.spec_url:
            return super().get_specs(request)
        return [(str(self.project.TITLE), "?format=json")]


def generate_asyncapi_schema(request: HttpRequest, view: type[AsyncAPISpecView] = AsyncAPISchemaView) -> dict[str, Any]:
    """Return the document of every routed consumer that declares messages, as a dict that is the caller's own.

    Args:
        request: Names the server, where the settings do not.
        view: Whose document it is.

    Raises:
        NoConsumerError: There is nothing to document.
    """
    return view.generator_class(**view().get_arguments(request)).get_spec()


def _below(request: HttpRequest, name: str) -> str:
    """An address below the page's own. It is relative: a proxy may have removed what the path began with."""
    last = request.path.rpartition("/")[2]
    return f"./{quote(last)}/{name}" if last else name


def _preferred(request: HttpRequest, default: str) -> str:
    """What the client prefers; ``default`` to those who name neither, or both alike."""
    forms = sorted(_MEDIA_TYPES, key=lambda form: form != default)
    preferred = request.get_preferred_type([_MEDIA_TYPES[form] for form in forms])
    return next((form for form in forms if _MEDIA_TYPES[form] == preferred), default)


def _discovered(view: str) -> tuple[tuple[type, Address], ...]:
    try:
        found = _routed(getattr(django_settings, "ASGI_APPLICATION", None))
    except discovery.DiscoveryError as error:
        raise NoConsumerError(f"{view} has neither consumer nor consumers, and none was found: {error}") from error
    if not found:
        raise NoConsumerError(
            f"{view} has neither consumer nor consumers, and no routed consumer declares messages: "
            f"{discovery.walk().why_nothing()}, or pass consumer="
        )
    return found


@lru_cache(maxsize=4)
def _routed(_application: str | None) -> tuple[tuple[type, Address], ...]:
    """The routed consumers; routing does not change while a process runs, except between tests."""
    return tuple((route.consumer, route.address) for route in discovery.discover())


def _asset(request: HttpRequest, name: str) -> HttpResponseBase:
    """One of the page's own files, for projects whose static files are not served or not collected."""
    try:
        asset = viewer.asset(name)
    except viewer.UnknownAssetError:
        return HttpResponseNotFound("the page has no such file", content_type="text/plain")
    response = HttpResponse(asset.content, content_type=asset.content_type)
    response["ETag"] = asset.etag
    is_current = request.GET.get("v") == asset.version
    response["Cache-Control"] = "max-age=31536000, immutable" if is_current else "no-cache"
    answer: HttpResponseBase = get_conditional_response(request, etag=asset.etag, response=response) or response
    return answer


tell_if_missing()
