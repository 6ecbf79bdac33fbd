"""Addresses of this part of the site."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from framsyn.web.goals import views

urlpatterns: list[URLPattern] = [
    path("", views.goals, name="goals"),
    path("goals.csv", views.goals_file, {"form": "csv"}, name="goals_csv"),
    re_path(r"^goals\.(?P<form>xlsx|json|csv-metadata\.json)$", views.goals_file, name="goals_file"),
    path("new/", views.new, name="goal_new"),
    path("<str:element_id>/", views.goal, name="goal"),
    path("<str:element_id>/decide/", views.decide_goal, name="goal_decide"),
    path("<str:element_id>/override/<int:decision_id>/", views.set_status, name="goal_override"),
    path("<str:element_id>/end-override/<int:override_id>/", views.end, name="goal_end_override"),
]
