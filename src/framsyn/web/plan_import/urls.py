"""Addresses of the importer."""

from __future__ import annotations

from django.urls import URLPattern, path

from framsyn.web.plan_import import views

urlpatterns: list[URLPattern] = [
    path("", views.upload, name="plan-import"),
    path("<uuid:upload_id>/", views.review, name="plan-import-review"),
    path("<uuid:upload_id>/make/", views.make, name="plan-import-make"),
    path("<uuid:upload_id>/discard/", views.discard, name="plan-import-discard"),
]
