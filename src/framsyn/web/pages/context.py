"""What every template may use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from framsyn.outlook.manifest import engine_version
from framsyn.web.languages import LANGUAGE_NAMES
from framsyn.web.pages.catalogue import region_name

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["site"]


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the languages with this page's address in each, the region's name, the version, and if this is the demo."""
    languages = []
    for code, name in LANGUAGE_NAMES.items():
        query = request.GET.copy()
        query["lang"] = code
        languages.append({"code": code, "name": name, "address": f"{request.path}?{query.urlencode()}"})
    return {
        "languages": languages,
        "language": getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE),
        "demo": settings.DEMO,
        "region_name": region_name(getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)),
        "version": engine_version(),
    }
