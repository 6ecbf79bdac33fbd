"""The interface put together: version 1."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.operation import Operation
from ninja.renderers import JSONRenderer

from framsyn.outlook.manifest import engine_version
from framsyn.web.api.auth import Caller
from framsyn.web.api.etags import finished
from framsyn.web.api.fields import Out
from framsyn.web.api.problems import add_handlers
from framsyn.web.api.read import elements as _elements  # noqa: F401 - on the router of plans
from framsyn.web.api.read import fhir as _fhir  # noqa: F401 - on the router of indicators
from framsyn.web.api.read import goals, indicators, measures, organisations, outlooks, plans
from framsyn.web.api.read import scenarios as _scenarios  # noqa: F401 - on the router of the outlook
from framsyn.web.api.voice import Voice
from framsyn.web.api.write import drafts as _drafts  # noqa: F401 - an address is of one router, for all its methods
from framsyn.web.api.write import goals as _goals  # noqa: F401
from framsyn.web.api.write import indicators as _indicators  # noqa: F401
from framsyn.web.api.write import measures as _measures  # noqa: F401
from framsyn.web.api.write import plans as _plans  # noqa: F401
from framsyn.web.api.write import scenarios as _saving  # noqa: F401

__all__ = ["api"]


class Renderer(JSONRenderer):
    """JSON with letters as they are."""

    json_dumps_params = {"ensure_ascii": False}


class Api(NinjaAPI):
    """Ninja's own, with names of operations and addresses that are this interface's."""

    def get_operation_url_name(self, operation: Operation, router: Router) -> str:
        """Return the name of an address: no page has one that begins so."""
        return f"api-{operation.view_func.__name__}"

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return a name that stays when a module is split."""
        return operation.view_func.__name__


api = Api(
    title="Framsyn",
    version="1.0.0",
    urls_namespace="api-v1",
    openapi_url=None,
    docs_url=None,
    renderer=Renderer(),
    auth=Caller(),
)
add_handlers(api)
top = Router(tags=["Start"])


class Start(Out):
    """Where things are."""

    name: str
    version: str
    languages: list[str]
    links: dict[str, str]


@top.get("/", response=Start, summary="Where things are")
def start(request: HttpRequest, response: HttpResponse) -> Any:
    """Addresses of the lists, of the description of the interface, and of the page about it."""
    voice = Voice(request)
    voice.unless_known(response)
    names = (
        "plans",
        "goals",
        "indicators",
        "measures",
        "runs",
        "scenarios",
        "organisations",
        "decisions",
        "changes",
        "search",
    )
    links = {name: voice.api(name) for name in names}
    links |= {"description": voice.page("api-description"), "reference": voice.page("api-docs")}
    return {
        "name": "Framsyn",
        "version": engine_version(),
        "languages": ["nb", "nn", "en"],
        "links": links,
    }


for router in (
    top,
    plans.router,
    goals.router,
    indicators.router,
    measures.router,
    outlooks.router,
    organisations.router,
):
    router.add_decorator(finished, mode="view")
    api.add_router("", router)
