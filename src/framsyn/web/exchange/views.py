"""The page of the exchange: take the workbook home, bring it back, look at every difference, say yes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from framsyn.errors import PlanError
from framsyn.web.actions import Actor
from framsyn.web.exchange import store
from framsyn.web.exchange.annotated import annotate
from framsyn.web.exchange.applying import apply, check
from framsyn.web.exchange.book import file_name, write_workbook
from framsyn.web.exchange.kinds import KINDS
from framsyn.web.exchange.opening import LARGEST, opened
from framsyn.web.exchange.people import may_exchange
from framsyn.web.exchange.reading import read_book
from framsyn.web.exchange.rows import Scope
from framsyn.web.exchange.shown import shown_groups, status_words
from framsyn.web.exchange.vocabulary import vocabularies
from framsyn.web.languages import LANGUAGE_NAMES, LANGUAGES, current_language
from framsyn.web.plan.models import Plan

if TYPE_CHECKING:
    from django.http import HttpRequest

    from framsyn.web.exchange.difference import Difference
    from framsyn.web.exchange.store import Kept

__all__ = ["annotated", "exchange", "review", "workbook"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = 200
ERRORS = 500

log = logging.getLogger("framsyn.web.exchange")


def _actor(request: HttpRequest) -> Actor:
    """Return who asks, when there is anything here that this person may change."""
    actor = Actor.of(request)
    if not may_exchange(actor):
        actor.require("see.exchange")
    return actor


class UploadForm(forms.Form):
    """The workbook that comes back."""

    file = forms.FileField(
        label=gettext_lazy("Workbook"),
        help_text=gettext_lazy("The .xlsx that was exported here, at most 10 megabytes."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"empty": gettext_lazy("The file is empty. Choose the workbook again.")},
    )

    def clean_file(self) -> bytes:
        """Open the workbook, so that what is no workbook is told here."""
        file = self.cleaned_data["file"]
        content = file.read(LARGEST + 1)
        try:
            opened(content, file.name)
        except PlanError as error:
            raise forms.ValidationError(error.message, code=error.code) from error
        return content


def _file(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest) -> HttpResponse:
    """Take the workbook home, or bring it back."""
    actor = _actor(request)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid() and actor.user is not None:
        one = store.keep(actor.user, form.cleaned_data["file"], request.FILES["file"].name or "")
        return redirect("exchange_review", one.token)
    context = {
        "crumbs": [(_("Exchange"), "")],
        "form": form,
        "plans": Plan.objects.only("id", "title"),
        "languages_offered": list(LANGUAGE_NAMES.items()),
        "kinds": [(kind.title, kind.hint) for kind in KINDS.values()],
        "waiting": store.kept_by(actor.user) if actor.user is not None else [],
    }
    return render(request, "exchange/exchange.html", context, status=422 if form.errors else 200)


@require_safe
def workbook(request: HttpRequest) -> HttpResponse:
    """Return the workbook: everything, or one plan."""
    _actor(request)
    plan = request.GET.get("plan", "")
    if plan and not Plan.objects.filter(pk=plan).exists():
        raise Http404
    language = request.GET.get("language", "")
    content = write_workbook(
        language if language in LANGUAGES else current_language(),
        Scope(plan),
        request.build_absolute_uri("/"),
    )
    return _file(content, file_name(plan))


def _kept(request: HttpRequest, token: str) -> tuple[Actor, Kept]:
    actor = _actor(request)
    one = store.kept(actor.user, token) if actor.user is not None else None
    if one is None:
        raise Http404
    return actor, one


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, token: str) -> HttpResponse:
    """Show every difference; do it when the person who brought the workbook says yes."""
    actor, one = _kept(request, token)
    if request.method == "POST" and "forget" in request.POST:
        store.forget(one)
        messages.info(request, _("The workbook is put away. Nothing was changed."))
        return redirect("exchange")
    refused = None
    if request.method == "POST":
        try:
            reading = read_book(opened(one.content, one.name), vocabularies())
            done = apply(
                actor, reading, request.POST.get("digest", ""), leave_out="leave_out" in request.POST
            )
        except PlanError as error:
            refused = error
        else:
            return _done(request, one, actor, len(done.doing))
    found = None if refused else one.shown(current_language())
    if found is None:
        found = check(actor, read_book(opened(one.content, one.name), vocabularies()))
        one.show(current_language(), found)
    return _review_page(request, one, found, refused)


def _done(request: HttpRequest, one: Kept, actor: Actor, count: int) -> HttpResponse:
    store.forget(one)
    told = {"action": "exchange", "actor": actor.name, "request_id": actor.request_id}
    log.info("workbook", extra=told)
    text = ngettext(
        "Done: %(count)s row is changed in the plan.", "Done: %(count)s rows are changed in the plan.", count
    )
    messages.success(request, text % {"count": count})
    return redirect("exchange")


def _review_page(
    request: HttpRequest, one: Kept, found: Difference, refused: PlanError | None
) -> HttpResponse:
    status = request.GET.get("status", "")
    words = status_words()
    chosen = (
        [change for change in found.changes if change.status == status] if status in words else found.changes
    )
    page = Paginator(chosen, ROWS).get_page(request.GET.get("page"))
    context = {
        "crumbs": [(_("Exchange"), reverse("exchange")), (one.name, "")],
        "kept": one,
        "found": found,
        "counts": [(code, words[code], count) for code, count in found.counts.items() if count],
        "status": status if status in words else "",
        "errors": found.errors[:ERRORS],
        "more_errors": max(0, len(found.errors) - ERRORS),
        "page_obj": page,
        "groups": shown_groups(page.object_list),
        "may_do": bool(found.doing) and not found.errors,
        "refused": refused,
    }
    return render(request, "exchange/review.html", context, status=409 if refused else 200)


@require_safe
def annotated(request: HttpRequest, token: str) -> HttpResponse:
    """Return the workbook with a comment at every wrong cell."""
    actor, one = _kept(request, token)
    content = one.content
    found = check(actor, read_book(opened(content, one.name), vocabularies()))
    stem = one.name.removesuffix(".xlsx") or "workbook"
    safe = "".join(
        letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "-" for letter in stem
    )
    return _file(annotate(content, found), f"{safe}-{_('with comments')}.xlsx".replace(" ", "-"))
