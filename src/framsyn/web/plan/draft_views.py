"""A draft as a whole: its page, the steps that one button does, and links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from framsyn.web.access import actor_for
from framsyn.web.plan import actions, versions
from framsyn.web.plan.edits import last_edit, next_redo
from framsyn.web.plan.forms import LinkForm
from framsyn.web.plan.models import Element, Link, Version
from framsyn.web.plan.queries import Block, plan_page, walk
from framsyn.web.plan.views import crumbs_of, read_plan, roles_on
from framsyn.web.policies import may
from framsyn.web.saving import is_number, stepped

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from framsyn.web.actions import Actor
    from framsyn.web.plan.queries import PlanPage

__all__ = [
    "back",
    "block_or_404",
    "do_step",
    "draft_for",
    "edit",
    "link_element",
    "page_of",
    "redo_edit",
    "remove_element",
    "restore_edit",
    "undo_edit",
    "unlink_element",
]


# What the page of a draft has buttons for.
STEPS = {name: name for name in ("split", "merge", "move", "remove", "restore", "undo", "publish")} | {
    "discard": "discard_version"
}


def draft_for(request: HttpRequest, plan_id: str, action: str) -> tuple[Version, Actor]:
    """Return the draft of a plan, and the one who may do an action on it.

    Raises
    ------
    NotAllowed
    """
    plan = read_plan(plan_id)
    actor = actor_for(request, action, plan.organisation, plans=(plan.pk,))
    draft = Version.objects.filter(plan=plan, state=Version.State.DRAFT).select_related("based_on").first()
    if draft is None:
        raise Http404
    draft.plan = plan
    return draft, actor


def page_of(draft: Version) -> PlanPage:
    """Read a draft without its links."""
    return plan_page(draft.plan, draft, [draft], links=False)


def block_or_404(page: PlanPage, element_id: str) -> Block:
    """Return one element of a draft."""
    found = next((block for block in walk(page.blocks) if block.element_id == element_id), None)
    if found is None:
        raise Http404
    return found


def back(draft: Version, element_id: str = "") -> HttpResponse:
    """Return to the draft, at the element that was worked on."""
    address = reverse("plan-edit", args=[draft.plan_id])
    return redirect(f"{address}#{element_id}" if element_id else address)


@require_GET
def edit(request: HttpRequest, plan_id: str) -> HttpResponse:
    """The draft with a row of buttons at every element."""
    draft, _actor = draft_for(request, plan_id, "plan.change_text")
    roles = roles_on(request, draft.plan)
    edits = list(draft.edits.filter(discarded=False).select_related("by").order_by("-sequence")[:30])
    done = [one for one in edits if not one.undone]
    return render(
        request,
        "plan/edit.html",
        {
            "crumbs": crumbs_of(draft.plan, (_("Draft"), "")),
            "page": page_of(draft),
            "draft": draft,
            "seen": done[0].sequence if done else last_edit(draft),
            "undo": done[0] if done else None,
            "redo": next_redo(draft),
            "edits": done[:10],
            "may": {step: may(roles, f"plan.{action}") for step, action in STEPS.items()},
            "earlier": list(
                Version.objects.filter(plan=draft.plan, state__in=Version.FROZEN).order_by("-number")
            ),
        },
    )


def do_step(
    request: HttpRequest, draft: Version, act: Callable[[int], Any], element_id: str = "", done: str = ""
) -> HttpResponse:
    """Run an action that needs no form; what it refuses is told on the draft's page."""
    try:
        seen = int(request.POST.get("seen", ""))
    except ValueError:
        seen = -1
    stepped(request, lambda: act(seen), done)
    return back(draft, element_id)


@require_POST
def remove_element(request: HttpRequest, plan_id: str, element_id: str) -> HttpResponse:
    """Remove an element from the draft."""
    draft, actor = draft_for(request, plan_id, "plan.remove")
    done = _("%(name)s is removed from the draft. Undo brings it back.") % {"name": element_id}
    return do_step(request, draft, lambda seen: actions.remove(actor, draft, seen, element_id), done=done)


@require_POST
def restore_edit(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Bring back a hidden element, an element's words in another version, or a whole version."""
    draft, actor = draft_for(request, plan_id, "plan.restore")
    element_id = request.POST.get("element") or None
    number = request.POST.get("source", "")
    source = get_object_or_404(Version, pk=int(number)) if is_number(number) else None
    seen = request.POST.get("seen")
    return do_step(
        request,
        draft,
        lambda given: actions.restore(
            actor,
            draft,
            last_edit(draft) if seen is None else given,
            element=element_id,
            source=source,
        ),
        element_id or "",
        _("It is restored. Undo takes it back."),
    )


@require_POST
def undo_edit(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Undo the last edit."""
    draft, actor = draft_for(request, plan_id, "plan.undo")
    return do_step(request, draft, lambda seen: actions.undo(actor, draft, seen), done=_("Undone."))


@require_POST
def redo_edit(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Do again what was undone."""
    draft, actor = draft_for(request, plan_id, "plan.redo")
    return do_step(request, draft, lambda seen: actions.redo(actor, draft, seen), done=_("Done again."))


@require_POST
def link_element(request: HttpRequest, element_id: str) -> HttpResponse:
    """Link an element to another."""
    source = get_object_or_404(Element.objects.select_related("origin__organisation__parent"), pk=element_id)
    actor = actor_for(request, "plan.link", source.origin.organisation, plans=(source.origin_id,))
    form = LinkForm(request.POST)
    if form.is_valid():
        target = Element.objects.filter(pk=form.cleaned_data["target"].strip()).first()
        if target is None:
            messages.error(
                request, _("There is no element %(target)s. Copy its id from its page.") % form.cleaned_data
            )
        else:
            stepped(request, lambda: versions.link(actor, source, target, form.cleaned_data["kind"]))
    else:
        messages.error(request, _("Nothing is linked: choose how, and write the id of the other element."))
    return redirect("element", element_id)


@require_POST
def unlink_element(request: HttpRequest, element_id: str, link_id: int) -> HttpResponse:
    """Take a link away."""
    joined = get_object_or_404(
        Link.objects.select_related("source__origin__organisation__parent"), pk=link_id, source=element_id
    )
    origin = joined.source.origin
    actor = actor_for(request, "plan.unlink", origin.organisation, plans=(origin.pk,))
    versions.unlink(actor, joined)
    messages.success(request, _("The link is taken away."))
    return redirect("element", element_id)
