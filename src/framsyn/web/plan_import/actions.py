"""Taking a plan in: keep what was found for review, write down what somebody decided, make the draft, throw it away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db.models import Max
from django.utils.translation import gettext as _

from framsyn.errors import PlanError
from framsyn.sources.plan_document import KINDS
from framsyn.sources.plan_document.plan_parts import plan_parts
from framsyn.web.actions import Act, action
from framsyn.web.plan.canonical import text_digest, tree_of, write_tree
from framsyn.web.plan.models import Element, Plan, Version, Wording
from framsyn.web.plan.structure import Place, Tree
from framsyn.web.plan_import.models import KEPT, Upload

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from framsyn.sources.plan_document import PlanDraft
    from framsyn.sources.plan_document.plan_parts import PlanPart
    from framsyn.web.accounts.models import Organisation

__all__ = ["change_review", "discard_upload", "import_plan", "keep_upload"]

_PLAN_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TAKEN = ("element", "new", "import")  # addresses below /plan/


@action("plan.import_read")
def keep_upload(act: Act, draft: PlanDraft, *, organisation: Organisation, kind: str, size: int) -> Upload:
    """Keep what was found in a document until somebody has looked at it. The log tells the file, never its text."""
    act.require(organisation)
    for old in Upload.objects.filter(created_at__lt=act.at - KEPT):
        act.record(old, before={"file": old.name}, label=old.name, reason="expired")
        old.delete()
    upload = Upload.objects.create(
        organisation=organisation,
        kind=kind,
        name=draft.file[:200],
        size=size,
        created_at=act.at,
        created_by=act.actor.user,
        found=draft.model_dump(mode="json"),
    )
    after = {"file": upload.name, "size": size, "digest": draft.digest, "counts": draft.counts()}
    act.record(upload, after=after, label=upload.name)
    return upload


@action("plan.import_review")
def change_review(act: Act, upload: Upload, kinds: Mapping[str, str], left_out: Collection[str]) -> Upload:
    """Write down what the elements shall be and which are left out; both are the whole state afterwards."""
    act.require(upload.organisation)
    upload = _locked(upload)
    elements = {element.id: element for element in upload.draft.elements}
    unknown = sorted({*kinds, *left_out} - set(elements))
    wrong = sorted(set(kinds.values()) - set(KINDS))
    if unknown or wrong:
        message = _("The review speaks of %(got)s, which the document does not hold. Load the page again.")
        raise PlanError(
            "unknown-element", message % {"got": ", ".join([*unknown, *wrong][:5])}, got=unknown or wrong
        )
    before = {"kinds": upload.kinds, "left_out": upload.left_out}
    upload.kinds = {name: kind for name, kind in sorted(kinds.items()) if elements[name].kind != kind}
    upload.left_out = sorted(set(left_out), key=lambda name: int(name[1:]))
    if before == {"kinds": upload.kinds, "left_out": upload.left_out}:
        raise PlanError("no-change", _("Nothing was changed: it is already so."), got=str(upload.pk))
    upload.save(update_fields=["kinds", "left_out"])
    after = {"kinds": upload.kinds, "left_out": upload.left_out}
    act.record(upload, before=before, after=after, label=upload.name)
    return upload


@action("plan.import_discard")
def discard_upload(act: Act, upload: Upload, *, reason: str = "") -> None:
    """Throw away what was found; the plan is as it was."""
    act.require(upload.organisation)
    act.record(upload, before={"file": upload.name}, label=upload.name, reason=reason)
    upload.delete()


def _locked(upload: Upload) -> Upload:
    found = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if found is None:
        message = _(
            "This import was taken in or thrown away meanwhile. Upload the document again if it is needed."
        )
        raise PlanError("gone", message, got=str(upload.pk))
    return found


@action("plan.import")
def import_plan(
    act: Act,
    draft: PlanDraft,
    plan_id: str,
    *,
    organisation: Organisation,
    kind: str = "regional_plan",
    title: str = "",
    period: tuple[int | None, int | None] | None = None,
    kinds: Mapping[str, str] | None = None,
    left_out: Collection[str] = (),
    upload: Upload | None = None,
) -> Version:
    """Make a draft version of what was found: of a new plan, or the next version of one that is there.

    Everything happens in one transaction: when anything fails, or the process dies, nothing of it is there.

    Parameters
    ----------
    plan_id : str
        A new short name, or that of a plan without a draft; what only its last version says is hidden in the draft, never
        lost.
    organisation : Organisation
        Whose plan it is; of a plan that is there, its own.
    title : str
        Title of a new plan; what the document says without it.
    period : (first, last), optional
    kinds, left_out
        What the review decided.
    upload : Upload, optional
        Is taken away, since it has done its work.
    """
    plan = (
        Plan.objects.select_for_update(of=("self",)).select_related("organisation").filter(pk=plan_id).first()
    )
    act.require(plan.organisation if plan else organisation, plans=(plan_id,) if plan else ())
    if upload is not None:
        upload = _locked(upload)
    new = plan is None
    if plan is None:
        plan = _new_plan(act, draft, plan_id, organisation, kind, title, period)
    versions = list(Version.objects.select_for_update(of=("self",)).filter(plan=plan).order_by("number"))
    working = next((version for version in versions if not version.is_frozen), None)
    if working is not None:
        message = _(
            "Version %(number)s of %(plan)s is already being worked on. Publish or discard that draft first, or choose "
            "another short name."
        )
        names = {"number": working.number, "plan": plan}
        raise PlanError("draft-exists", message % names, plan=plan.pk, number=working.number)
    taken = set(Element.objects.filter(pk__startswith=f"{plan.pk}.").values_list("pk", flat=True))
    parts = plan_parts(draft, plan.pk, kinds=kinds, left_out=left_out, taken=taken)
    if not parts:
        raise PlanError("empty-version", _("Everything is left out. Keep one element at least."), got=0)
    version = Version.objects.create(
        plan=plan,
        number=versions[-1].number + 1 if versions else 1,
        based_on=versions[-1] if versions else None,
        created_at=act.at,
        created_by=act.actor.user,
    )
    tree = _tree(act, plan, parts, draft.language)
    if versions:
        tree = tree_of(versions[-1]).as_in(tree)
    write_tree(version, tree)
    facts = {
        "plan": plan.pk,
        "number": version.number,
        "file": draft.file,
        "digest": draft.digest,
        "elements": len(parts),
        "left_out": len(set(left_out)),
        "changed": len(kinds or {}),
    }
    if new:
        act.record(
            plan, after={"kind": plan.kind, "title": dict(plan.title), "organisation": plan.organisation_id}
        )
    act.record(version, after=facts, label=dict(plan.title))
    if upload is not None:
        upload.delete()
    return version


def _new_plan(
    act: Act,
    draft: PlanDraft,
    plan_id: str,
    organisation: Organisation,
    kind: str,
    title: str,
    period: tuple[int | None, int | None] | None,
) -> Plan:
    if not _PLAN_ID.fullmatch(plan_id) or plan_id in _TAKEN or len(plan_id) > 60:
        message = _(
            "%(got)s cannot be the short name of a plan. Use lower-case letters, digits and hyphens, such as plan-2031."
        )
        raise PlanError("bad-name", message % {"got": plan_id or "–"}, got=plan_id)
    if kind not in Plan.Kind.values:
        message = _("%(got)s is no kind of plan. Choose one of: %(kinds)s.")
        raise PlanError(
            "unknown-kind", message % {"got": kind, "kinds": ", ".join(Plan.Kind.values)}, got=kind
        )
    first, last = period if period is not None else (draft.period or (None, None))
    if first and last and first > last:
        message = _("The plan begins in %(first)s and ends in %(last)s. Put the first year first.")
        raise PlanError("wrong-order", message % {"first": first, "last": last}, got=[first, last])
    return Plan.objects.create(
        pk=plan_id,
        kind=kind,
        organisation=organisation,
        title={draft.language: title or draft.title},
        period_from=first,
        period_to=last,
        source_title=(title or draft.title)[:300],
        source_note={"nb": draft.file, "nn": draft.file, "en": draft.file},
        position=(Plan.objects.aggregate(last=Max("position"))["last"] or 0) + 1,
    )


def _tree(act: Act, plan: Plan, parts: list[PlanPart], language: str) -> Tree:
    """Make elements and wordings, and return the tree that they form; the words are in the language of the source alone."""
    Element.objects.bulk_create(
        Element(pk=part.id, kind=part.kind, origin=plan, source=part.source, url=part.url) for part in parts
    )
    words: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({language: part.title} if part.title else {}, {language: part.text} if part.text else {})
        for part in parts
    ]
    wordings = Wording.objects.bulk_create(
        Wording(
            element_id=part.id,
            title=title,
            text=text,
            digest=text_digest(title, text),
            created_at=act.at,
            created_by=act.actor.user,
        )
        for part, (title, text) in zip(parts, words, strict=True)
    )
    places: dict[str, Place] = {}
    counts: dict[str | None, int] = {}
    for part, wording in zip(parts, wordings, strict=True):
        position = counts.get(part.parent, 0)
        counts[part.parent] = position + 1
        places[part.id] = Place(part.parent, position, wording.pk, part.number)
    return Tree(places)
