"""Addresses of the interface, of the page about it, and of one's own tokens."""

from __future__ import annotations

from django.urls import path

from framsyn.web.api import views
from framsyn.web.api.v1 import api

urlpatterns = [
    path("api/docs/", views.reference, name="api-docs"),
    path("api/v1/openapi.json", views.description, name="api-description"),
    path("api/v1/", api.urls),
    path("account/tokens/", views.tokens, name="tokens"),
    path("account/tokens/<int:number>/revoke/", views.revoke, name="token-revoke"),
]
