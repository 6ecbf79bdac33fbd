"""Addresses of logging in and out, of one's own account, and of people and roles."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from framsyn.web.accounts import views

urlpatterns = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("account/", views.account, name="account"),
    path("account/password/", views.password, name="password"),
    path("people/", views.people, name="people"),
    path("people/<int:number>/", views.person, name="person"),
]
