"""Addresses of the cards of assumptions."""

from __future__ import annotations

from django.urls import path

from framsyn.web.assumptions import views

urlpatterns = [
    path("", views.assumptions, name="assumptions"),
    path("objections/<int:number>/", views.answer, name="objection-answer"),
    path("<slug:name>/", views.assumption, name="assumption"),
    path("<slug:name>/object/", views.object_to, name="assumption-object"),
]
