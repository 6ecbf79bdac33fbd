"""Addresses of internal notes."""

from __future__ import annotations

from django.urls import path

from framsyn.web.notes import views

urlpatterns = [
    path("<int:number>/resolve/", views.resolve, name="note-resolve"),
    path("<slug:kind>/<str:thing_id>/", views.add, name="note-add"),
]
