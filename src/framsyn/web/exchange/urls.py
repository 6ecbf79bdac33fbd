"""Addresses of the exchange."""

from __future__ import annotations

from django.urls import path

from framsyn.web.exchange import views

urlpatterns = [
    path("", views.exchange, name="exchange"),
    path("workbook.xlsx", views.workbook, name="exchange_workbook"),
    path("<str:token>/", views.review, name="exchange_review"),
    path("<str:token>/comments.xlsx", views.annotated, name="exchange_annotated"),
]
