"""Views of the home page, of the data, of the health of the site and of what it says about itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from framsyn.report.catalogue import catalogue_document
from framsyn.report.catalogue.document import MEDIA_TYPE
from framsyn.web.actions import Actor
from framsyn.web.audit.queries import recent_changes
from framsyn.web.exchange.people import may_exchange
from framsyn.web.exchange.tables import TYPES as FILE_TYPES
from framsyn.web.exchange.tables import answer
from framsyn.web.goals.queries import status_counts
from framsyn.web.languages import current_language
from framsyn.web.outlooks.queries import main_run
from framsyn.web.pages import catalogue
from framsyn.web.pages.dcat import site_catalogue
from framsyn.web.pages.home import front
from framsyn.web.pages.tables import data_table
from framsyn.web.voice.models import DAYS
from framsyn.web.voice.queries import accessibility_record
from framsyn.web.wheel.queries import next_events

if TYPE_CHECKING:
    from django.http import HttpRequest

__all__ = ["about", "catalogue_file", "data", "data_file", "home", "live", "ready"]

CHANGES = 6
EVENTS = 3
TYPES = {**FILE_TYPES, "geojson": "application/geo+json"}


def home(request: HttpRequest) -> HttpResponse:
    """Where the region stands."""
    context = {
        "front": front(current_language()),
        "counts": status_counts(),
        "changes": recent_changes(CHANGES),
        "next_events": next_events(EVENTS) if request.user.is_authenticated else (),
    }
    return render(request, "pages/home.html", context)


def data(request: HttpRequest) -> HttpResponse:
    """Every data set with source, licence and file."""
    context = {
        "crumbs": [(_("Data"), "")],
        "entries": catalogue.data_sets(),
        "run": main_run(),
        "may_exchange": request.user.is_authenticated and may_exchange(Actor.of(request)),
    }
    return render(request, "pages/data.html", context)


def data_file(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """Return the file of a data set, its description as JSON, or the same table in another form."""
    entry = catalogue.data_set(name)
    if entry is None:
        raise Http404
    if kind == "json":
        descriptor = {
            "name": entry.name,
            "title": entry.title,
            "description": entry.description,
            "sources": [
                {"title": source.title, "path": source.address, "license": source.licence}
                for source in entry.sources
            ],
            "licenses": [{"title": title, "path": path} for title, path in entry.licences],
            "dataThrough": entry.data_through,
            "notes": entry.notes,
            "fields": entry.fields,
            "primaryKey": entry.key,
            "distributions": [
                {
                    "path": request.build_absolute_uri(reverse("data_file", args=[entry.name, form])),
                    "mediatype": TYPES[form],
                }
                for form in entry.forms
            ],
        }
        return HttpResponse(
            json.dumps(descriptor, ensure_ascii=False, indent=1), content_type="application/json"
        )
    if kind in ("xlsx", "stat.json", "csv-metadata.json"):
        if entry.path.suffix != ".csv":
            raise Http404
        return answer(request, data_table(entry), kind)
    if entry.path.suffix != f".{kind}":
        raise Http404
    return FileResponse(entry.path.open("rb"), content_type=TYPES[kind], filename=entry.path.name)


def catalogue_file(request: HttpRequest) -> HttpResponse:
    """Return the catalogue of every table for other catalogues: DCAT-AP-NO as JSON-LD."""
    document = catalogue_document(site_catalogue(request.build_absolute_uri("/")))
    return JsonResponse(document, content_type=MEDIA_TYPE, json_dumps_params={"ensure_ascii": False})


def about(request: HttpRequest, page: str) -> HttpResponse:
    """What the site says about itself: accessibility, privacy, licences, words."""
    titles = {
        "accessibility": _("Accessibility"),
        "privacy": _("Privacy"),
        "licence": _("Licences and sources"),
        "glossary": _("Words"),
    }
    context = {"crumbs": [(titles[page], "")], "title": titles[page]}
    if page == "licence":
        context["entries"] = catalogue.data_sets()
    if page == "privacy":
        context["session_hours"] = round(settings.SESSION_LONGEST.total_seconds() / 3600)
        context["idle_hours"] = round(settings.SESSION_IDLE.total_seconds() / 3600)
    if page == "accessibility":
        context["accessibility_weeks"] = DAYS["accessibility"] // 7
        context["record"] = accessibility_record(timezone.localdate())
    return render(request, f"pages/{page}.html", context)


def live(request: HttpRequest) -> HttpResponse:
    """Tell that the process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """Tell whether the database answers and has all its migrations."""
    from django.db.migrations.executor import MigrationExecutor
    from django.db.utils import Error

    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        return JsonResponse({"status": "failed", "database": str(error).strip()}, status=503)
    if waiting:
        names = [f"{migration.app_label}.{migration.name}" for migration, _back in waiting]
        return JsonResponse({"status": "failed", "migrations": names}, status=503)
    return JsonResponse({"status": "ok", "database": connection.vendor})
