"""The steps on a draft that need a form: each posts, and works without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from framsyn.web.drafts.queries import offer
from framsyn.web.languages import LANGUAGES, Text
from framsyn.web.plan import actions
from framsyn.web.plan.draft_views import back, block_or_404, do_step, draft_for, page_of
from framsyn.web.plan.edits import last_edit
from framsyn.web.plan.forms import (
    AddForm,
    MergeForm,
    MoveForm,
    SplitForm,
    TextForm,
    heading_choices,
)
from framsyn.web.plan.models import Version
from framsyn.web.plan.queries import headings_of, walk
from framsyn.web.plan.views import crumbs_of
from framsyn.web.saving import tried

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpRequest, HttpResponse

    from framsyn.web.plan.queries import PlanPage

__all__ = ["add", "edit_text", "merge_element", "move_element", "split_element"]


def form_page(
    request: HttpRequest, draft: Version, form: forms.Form, title: str, *, submit: str, **more: Any
) -> HttpResponse:
    """Show a form about a draft."""
    return render(
        request,
        "plan/edit_form.html",
        {
            "crumbs": crumbs_of(
                draft.plan, (_("Draft"), reverse("plan-edit", args=[draft.plan_id])), (title, "")
            ),
            "draft": draft,
            "form": form,
            "page_title": title,
            "submit": submit,
            "kept": offer(request, form),
            "back": reverse("plan-edit", args=[draft.plan_id]),
            **more,
        },
        status=422 if form.errors else 200,
    )


def add(request: HttpRequest, plan_id: str) -> HttpResponse:
    """Add an element."""
    draft, actor = draft_for(request, plan_id, "plan.add_element")
    headings = heading_choices(headings_of(page_of(draft).blocks))
    first = {
        "seen": last_edit(draft),
        "parent": request.GET.get("parent", ""),
        "kind": request.GET.get("kind", "paragraph"),
    }
    form = AddForm(request.POST or None, initial=first, headings=headings)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = tried(
            request,
            form,
            lambda: actions.add_element(
                actor,
                draft,
                given["seen"],
                kind=given["kind"],
                title=given["title"],
                text=given["text"],
                parent=given["parent"] or None,
                number=given["number"],
            ),
        )
        if made:
            messages.success(request, _("Added as %(name)s.") % {"name": made.element_id})
            return back(draft, made.element_id)
    return form_page(request, draft, form, _("Add an element"), submit=_("Add"))


def edit_text(request: HttpRequest, plan_id: str, element_id: str) -> HttpResponse:
    """Change the words of an element."""
    draft, actor = draft_for(request, plan_id, "plan.change_text")
    block = block_or_404(page_of(draft), element_id)
    first = {"seen": last_edit(draft), "title": block.title, "text": block.text, "number": block.number}
    form = TextForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = tried(
            request,
            form,
            lambda: actions.change_text(
                actor,
                draft,
                given["seen"],
                element_id,
                title=given["title"],
                text=given["text"],
                number=given["number"],
                reason=given["reason"],
            ),
        )
        if done:
            messages.success(request, _("The text is saved."))
            return back(draft, element_id)
    return form_page(request, draft, form, _("Change the text"), submit=_("Save"), item=block)


def _halves(text: Text) -> tuple[dict[str, str], dict[str, str]]:
    """Part a text at its middle paragraph in every language; a text of one paragraph stays whole."""
    first, second = {}, {}
    for code, words in text.items():
        parts = [part for part in words.split("\n\n") if part.strip()]
        middle = (len(parts) + 1) // 2
        first[code], second[code] = "\n\n".join(parts[:middle]), "\n\n".join(parts[middle:])
    return first, second


def split_element(request: HttpRequest, plan_id: str, element_id: str) -> HttpResponse:
    """Part an element in two."""
    draft, actor = draft_for(request, plan_id, "plan.split")
    block = block_or_404(page_of(draft), element_id)
    stays, goes = _halves(block.text)
    first = {"seen": last_edit(draft), "first_title": block.title, "first_text": stays, "second_text": goes}
    form = SplitForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = tried(
            request,
            form,
            lambda: actions.split(
                actor,
                draft,
                given["seen"],
                element_id,
                first=(given["first_title"], given["first_text"]),
                second=(given["second_title"], given["second_text"]),
            ),
        )
        if done:
            messages.success(request, _("It is split. The first part keeps its id and its links."))
            return back(draft, element_id)
    return form_page(request, draft, form, _("Split in two"), submit=_("Split"), item=block)


def _joined(one: Text, other: Text) -> dict[str, str]:
    parts = {code: [words for words in (one.get(code), other.get(code)) if words] for code in LANGUAGES}
    return {code: "\n\n".join(words) for code, words in parts.items() if words}


def merge_element(request: HttpRequest, plan_id: str, element_id: str) -> HttpResponse:
    """Merge an element into another of its kind."""
    draft, actor = draft_for(request, plan_id, "plan.merge")
    page = page_of(draft)
    block = block_or_404(page, element_id)
    alike = [
        one
        for one in walk(page.blocks)
        if one.kind == block.kind and one.element_id != element_id and not one.origin
    ]
    below = {one.element_id for one in walk(block.children)}
    alike = [one for one in alike if one.element_id not in below]
    chosen = next((one for one in alike if one.element_id == request.GET.get("target")), None)
    if chosen is None and request.method == "GET":
        return render(
            request,
            "plan/merge_choose.html",
            {
                "crumbs": crumbs_of(
                    draft.plan, (_("Draft"), reverse("plan-edit", args=[plan_id])), (_("Merge"), "")
                ),
                "draft": draft,
                "item": block,
                "alike": alike,
                "back": reverse("plan-edit", args=[plan_id]),
            },
        )
    targets = [(one.element_id, f"{one.number} {one.heading}".strip()) for one in alike]
    first: dict[str, Any] = {"seen": last_edit(draft)}
    if chosen is not None:
        first |= {
            "target": chosen.element_id,
            "title": chosen.title,
            "text": _joined(chosen.text, block.text),
        }
    form = MergeForm(request.POST or None, initial=first, targets=targets)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = tried(
            request,
            form,
            lambda: actions.merge(
                actor,
                draft,
                given["seen"],
                element_id,
                given["target"],
                title=given["title"],
                text=given["text"],
            ),
        )
        if done:
            messages.success(request, _("It is merged. Its id leads to %(target)s from now on.") % given)
            return back(draft, given["target"])
    return form_page(request, draft, form, _("Merge"), submit=_("Merge"), item=block)


def move_element(request: HttpRequest, plan_id: str, element_id: str) -> HttpResponse:
    """Move an element: one step up or down by a button, or anywhere by the form."""
    draft, actor = draft_for(request, plan_id, "plan.move")
    page = page_of(draft)
    block = block_or_404(page, element_id)
    family, parent = _family(page, element_id)
    place = family.index(element_id)
    step = {"up": -1, "down": 1}.get(request.POST.get("step", ""))
    if step is not None:
        return do_step(
            request,
            draft,
            lambda seen: actions.move(
                actor, draft, seen, element_id, parent=parent, position=max(place + step, 0)
            ),
            element_id,
        )
    inside = {element_id, *(one.element_id for one in walk(block.children))}
    headings = heading_choices(headings_of(page.blocks), inside)
    first = {"seen": last_edit(draft), "parent": parent or "", "position": place + 1}
    form = MoveForm(request.POST or None, initial=first, headings=headings)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done = tried(
            request,
            form,
            lambda: actions.move(
                actor,
                draft,
                given["seen"],
                element_id,
                parent=given["parent"] or None,
                position=given["position"] - 1 if given["position"] else None,
            ),
        )
        if done:
            messages.success(request, _("It is moved."))
            return back(draft, element_id)
    return form_page(request, draft, form, _("Move"), submit=_("Move"), item=block)


def _family(page: PlanPage, element_id: str) -> tuple[list[str], str | None]:
    """Return the ids of an element and its siblings, and their parent."""
    if any(block.element_id == element_id for block in page.blocks):
        return [block.element_id for block in page.blocks], None
    for block in walk(page.blocks):
        names = [child.element_id for child in block.children]
        if element_id in names:
            return names, block.element_id
    raise Http404
