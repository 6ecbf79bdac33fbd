"""Addresses of the log."""

from __future__ import annotations

from django.urls import path

from framsyn.web.audit import views

urlpatterns = [
    path("", views.log, name="audit"),
    path("audit.csv", views.log_file, name="audit-file"),
    path("<int:number>/", views.entry, name="audit-entry"),
]
