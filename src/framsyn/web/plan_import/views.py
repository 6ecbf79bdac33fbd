"""The pages of the importer: choose a document, look at what was found, make the draft."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from framsyn.errors import PlanError
from framsyn.sources.plan_document import KINDS, read_safely
from framsyn.web.access import actor_for, actor_somewhere
from framsyn.web.actions import NotAllowed
from framsyn.web.plan_import.actions import change_review, discard_upload, import_plan, keep_upload
from framsyn.web.plan_import.forms import LIMIT, MakeForm, UploadForm
from framsyn.web.plan_import.models import KEPT, Upload
from framsyn.web.plan_import.queries import organisations_for, review_page, short_name, uploads_for
from framsyn.web.plan_import.words import refusal_words

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

__all__ = ["discard", "make", "review", "upload"]

SECONDS = 90  # that a reader in front of the page is made to wait


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a document; it is read in a process of its own and kept for review."""
    actor = actor_somewhere(request, "plan.import")
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*given, organisations=organisations_for(actor, "plan.import"))
    if request.method == "POST":
        if getattr(request, "upload_too_large", False):
            form.errors.clear()  # what stood behind the file was not read
            form.add_error(
                "file",
                _(
                    "The file is larger than %(limit)s megabytes. Save it without pictures, or give a part of it."
                )
                % {"limit": LIMIT},
            )
        elif form.is_valid():
            try:
                kept = _read(actor, form)
            except NotAllowed:
                raise
            except PlanError as error:
                form.add_error("file", refusal_words(error))
            else:
                return redirect("plan-import-review", kept.pk)
    return render(
        request,
        "plan_import/upload.html",
        {
            "crumbs": [(_("Plans"), reverse("plans")), (_("Import a plan"), "")],
            "form": form,
            "waiting": uploads_for(actor),
            "days": KEPT.days,
        },
        status=422 if form.errors else 200,
    )


def _read(actor: Any, form: UploadForm) -> Upload:
    """Read the file from a folder of its own, which is gone afterwards."""
    given = form.cleaned_data
    actor.require("plan.import_read", given["organisation"])
    with tempfile.TemporaryDirectory(prefix="framsyn-import-") as folder:
        path = Path(folder) / f"document{Path(given['file'].name).suffix.lower()[:10]}"
        with path.open("wb") as target:
            for chunk in given["file"].chunks():
                target.write(chunk)
        draft = read_safely(path, given["file"].name, seconds=SECONDS)
        return keep_upload(
            actor, draft, organisation=given["organisation"], kind=given["kind"], size=path.stat().st_size
        )


def _upload_or_404(request: HttpRequest, upload_id: Any, action: str) -> tuple[Any, Upload]:
    found = (
        Upload.objects.select_related("organisation__parent__parent")
        .filter(pk=upload_id, created_at__gte=timezone.now() - KEPT)
        .first()
    )
    if found is None:
        actor_somewhere(request, action)  # a stranger learns nothing of which there are
        raise Http404
    return actor_for(request, action, found.organisation), found


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, upload_id: Any) -> HttpResponse:
    """Look at what was found; every element can be made something else, or left out."""
    actor, found = _upload_or_404(request, upload_id, "plan.import_review")
    number = _page(request.POST.get("page") or request.GET.get("page"))
    if request.method == "POST":
        kinds, left_out = _choices(request, found, number)
        try:
            change_review(actor, found, kinds, left_out)
        except NotAllowed:
            raise
        except PlanError as error:
            if error.code != "no-change":
                messages.error(request, error.message)
                return redirect("plan-import")
        else:
            messages.success(request, _("The review is saved. Nothing is in a plan yet."))
        onward = _page(request.POST.get("onward")) if request.POST.get("onward") else number
        return redirect(f"{reverse('plan-import-review', args=[found.pk])}?page={onward}")
    first = {
        "plan_id": short_name(found.draft),
        "title": found.draft.title,
        "first_year": found.draft.period[0] if found.draft.period else None,
        "last_year": found.draft.period[1] if found.draft.period else None,
    }
    return _shown(request, found, number, MakeForm(initial=first))


def _shown(request: HttpRequest, found: Upload, number: int, form: MakeForm) -> HttpResponse:
    return render(
        request,
        "plan_import/review.html",
        {
            "crumbs": [
                (_("Plans"), reverse("plans")),
                (_("Import a plan"), reverse("plan-import")),
                (found.name, ""),
            ],
            "page": review_page(found, number),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


def _page(given: str | None) -> int:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 6 else 1


def _choices(request: HttpRequest, found: Upload, number: int) -> tuple[dict[str, str], set[str]]:
    """Return the whole state of the review: what was decided on other pages, and what this page says."""
    here = {row.element.id for row in review_page(found, number).rows}
    kinds = {name: kind for name, kind in found.kinds.items() if name not in here}
    left_out = {name for name in found.left_out if name not in here}
    for name in here:
        kind = request.POST.get(f"kind-{name}", "")
        if kind in KINDS:
            kinds[name] = kind
        elif name in found.kinds:
            kinds[name] = found.kinds[name]
        if request.POST.get(f"out-{name}"):
            left_out.add(name)
    return kinds, left_out


@require_POST
def make(request: HttpRequest, upload_id: Any) -> HttpResponse:
    """Make the draft and open the editor."""
    actor, found = _upload_or_404(request, upload_id, "plan.import")
    form = MakeForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, 1, form)
    given = form.cleaned_data
    try:
        version = import_plan(
            actor,
            found.draft,
            given["plan_id"],
            organisation=found.organisation,
            kind=found.kind,
            title=given["title"],
            period=(given["first_year"], given["last_year"]),
            kinds=found.kinds,
            left_out=found.left_out,
            upload=found,
        )
    except NotAllowed:
        raise
    except PlanError as error:
        if error.code == "gone":
            messages.error(request, error.message)
            return redirect("plan-import")
        field = "plan_id" if error.code in ("bad-name", "draft-exists") else None
        form.add_error(field, error.message)
        return _shown(request, found, 1, form)
    messages.success(
        request, _("The draft is made. Nobody but those who work on it sees it until it is published.")
    )
    return redirect("plan-edit", version.plan_id)


@require_POST
def discard(request: HttpRequest, upload_id: Any) -> HttpResponse:
    """Throw what was found away."""
    actor, found = _upload_or_404(request, upload_id, "plan.import_discard")
    discard_upload(actor, found)
    messages.success(request, _("The import is thrown away. The plans are as they were."))
    return redirect("plan-import")
