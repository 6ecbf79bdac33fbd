"""Addresses of the themes: status notes and choices of path."""

from __future__ import annotations

from django.urls import URLPattern, path

from framsyn.web.plan import theme_views

urlpatterns: list[URLPattern] = [
    path("", theme_views.themes, name="themes"),
    path("new/", theme_views.new_theme, name="theme-new"),
    path("choice/<str:element_id>/", theme_views.decide, name="choice-decide"),
    path("<slug:theme>/", theme_views.theme, name="theme"),
    path("<slug:theme>/future/", theme_views.new_future_note, name="theme-future"),
]
