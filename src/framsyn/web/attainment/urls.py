"""Addresses of what can be reached."""

from __future__ import annotations

from django.urls import path, re_path

from framsyn.web.attainment import views

urlpatterns = [
    path("", views.reach, name="reach"),
    re_path(r"^all\.(?P<form>csv|xlsx|json|csv-metadata\.json)$", views.reach_file, name="reach_file"),
    path("<str:element_id>/", views.reach_goal, name="reach_goal"),
]
