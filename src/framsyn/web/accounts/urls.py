"""Addresses of logging in and out, of one's own account, and of people and roles."""

from __future__ import annotations

from django.urls import path

from framsyn.web.accounts.views import account, login, people, sign_on

urlpatterns = [
    path("login/", login.Login.as_view(), name="login"),
    path("login/with/<slug:name>/", sign_on.there, name="sign-on"),
    path("login/back/<slug:name>/", sign_on.back, name="sign-on-back"),
    path("logout/", login.Logout.as_view(), name="logout"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="password"),
    path("account/second-factor/", account.second_factor, name="second-factor"),
    path("account/recovery-codes/", account.recovery_codes, name="recovery-codes"),
    path("account/sessions/end/", account.end_mine, name="end-sessions"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="new-person"),
    path("people/<int:number>/", people.person, name="person"),
]
