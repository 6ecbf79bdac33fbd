"""Addresses of the red thread."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from framsyn.web.thread import views

FORM = r"(?P<form>csv|xlsx|json|csv-metadata\.json)"

urlpatterns: list[URLPattern] = [
    path("thread/", views.thread, name="thread"),
    re_path(rf"^thread/red-thread\.{FORM}$", views.thread_file, name="thread-file"),
    re_path(
        rf"^thread/(?P<element_id>[a-z0-9.-]+?)(?<!\.stat)\.{FORM}$", views.goal_file, name="thread-goal-file"
    ),
    path("thread/<str:element_id>/", views.goal_thread, name="thread-goal"),
    path("dead-ends/", views.dead_ends_page, name="dead-ends"),
    re_path(rf"^dead-ends/dead-ends\.{FORM}$", views.dead_ends_file, name="dead-ends-file"),
]
