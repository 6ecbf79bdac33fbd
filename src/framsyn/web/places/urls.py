"""Addresses of the places; a place's code never changes."""

from __future__ import annotations

from django.urls import path, re_path

from framsyn.web.places import views

_FORMS = r"(?P<form>csv|xlsx|json|stat\.json|csv-metadata\.json)"

urlpatterns = [
    path("", views.places_page, name="places"),
    re_path(rf"^all\.{_FORMS}$", views.places_file, name="places_file"),
    re_path(rf"^(?P<code>[-a-z0-9]+)\.{_FORMS}$", views.place_file, name="place_file"),
    path("<slug:code>/", views.place_page, name="place"),
]
