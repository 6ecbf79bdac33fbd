"""Addresses of the annual wheel."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from framsyn.web.wheel import views

urlpatterns: list[URLPattern] = [
    path("", views.wheel, name="wheel"),
    re_path(
        r"^annual-wheel\.(?P<form>csv|xlsx|json|csv-metadata\.json)$", views.wheel_file, name="wheel-file"
    ),
    path("annual-wheel.ics", views.wheel_calendar, name="wheel-calendar"),
    path("new/", views.add, name="wheel-new"),
    path("event/<slug:event_id>/", views.change, name="wheel-change"),
    path("event/<slug:event_id>/remove/", views.remove, name="wheel-remove"),
]
