"""Addresses of home, data, health and of what the site says about itself."""

from __future__ import annotations

from django.conf import settings
from django.urls import path, re_path

from framsyn.web.pages import views
from framsyn.web.pages.look import look

urlpatterns = [
    path("", views.home, name="home"),
    path("data/", views.data, name="data"),
    path("catalogue.jsonld", views.catalogue_file, name="catalogue_file"),
    re_path(
        r"^data/(?P<name>[a-z0-9_]+)\.(?P<kind>csv|xlsx|stat\.json|csv-metadata\.json|json|geojson)$",
        views.data_file,
        name="data_file",
    ),
    path("health/", views.live, name="live"),
    path("health/ready/", views.ready, name="ready"),
    *(
        path(f"{page}/", views.about, {"page": page}, name=page)
        for page in ("accessibility", "privacy", "licence", "glossary")
    ),
    *([path("look/", look, name="look")] if settings.DEBUG else []),
]
