"""Addresses of the voice of the reader."""

from __future__ import annotations

from django.urls import URLPattern, path

from framsyn.web.voice import views

urlpatterns: list[URLPattern] = [
    path("report-error/", views.report_error, name="report-error"),
    path("corrections/", views.corrected, name="corrections"),
    path("voice/", views.reports, name="voice"),
    path("voice/report/<int:number>/", views.handle, name="voice-handle"),
    path("voice/report/<int:number>/take/", views.take_report, name="voice-take"),
    path("voice/report/<int:number>/answer/", views.answer_report, name="voice-answer"),
    path("voice/<slug:code>/", views.told, name="voice-told"),
]
