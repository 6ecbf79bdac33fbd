"""The plan's structure: what an element is stays, what a version says about it changes.

An *element* (a section, a paragraph, a goal …) is an identity with a stable id. A *version* of a plan is a tree of *nodes*;
each places one element and points to one immutable *wording*. The same element may so stand in several versions and in
several plans, and links between elements outlive every edit.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.languages import Text, TextField

__all__ = ["Decision", "Edit", "Element", "Link", "Node", "Plan", "Version", "Wording", "kind_name"]


class Decision(models.Model):
    """What a board, a meeting or a minister decided, with its case number."""

    title = TextField()
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="decisions")
    body = TextField(blank=True)  # who decided: the board, the enterprise meeting
    case_number = models.CharField(max_length=60, blank=True)
    date = models.DateField()
    text = TextField(blank=True)
    url = models.URLField(blank=True)

    class Meta:
        """Newest first."""

        ordering = ("-date", "-id")

    def __str__(self) -> str:
        return f"{self.title} ({self.case_number})" if self.case_number else str(self.title)


class Plan(models.Model):
    """A plan at one level of the hierarchy; its parent is the plan that it follows up."""

    class Kind(models.TextChoices):
        """The level of a plan, or its form."""

        NATIONAL_PLAN = "national_plan", _("national plan")
        REGIONAL_STRATEGY = "regional_strategy", _("regional strategy")
        REGIONAL_PLAN = "regional_plan", _("regional development plan")
        TRUST_PLAN = "trust_plan", _("trust's development plan")
        SUB_STRATEGY = "sub_strategy", _("sub-strategy")
        STATUS_NOTE = "status_note", _("status note")
        FUTURE_NOTE = "future_note", _("future note")
        FOLDER = "folder", _("folder")

    id = models.SlugField(primary_key=True, max_length=60)
    kind = models.CharField(max_length=30, choices=Kind.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="plans")
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    theme = models.SlugField(max_length=60, blank=True)
    title = TextField()
    summary = TextField(blank=True)
    period_from = models.PositiveSmallIntegerField(null=True, blank=True)
    period_to = models.PositiveSmallIntegerField(null=True, blank=True)
    source_title = models.CharField(max_length=300, blank=True)
    source_date = models.CharField(max_length=60, blank=True)
    source_note = TextField(blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        """In the order in which they were made."""

        ordering = ("position", "id")

    def __str__(self) -> str:
        return str(self.title)


class Version(models.Model):
    """One version of a plan: a draft that is worked on, or a published one that never changes."""

    class State(models.TextChoices):
        """How far a version has come; a version out for consultation is frozen like a published one."""

        DRAFT = "draft", _("draft")
        CONSULTATION = "consultation", _("out for consultation")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    FROZEN = (State.CONSULTATION, State.PUBLISHED)

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    label = TextField(blank=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    based_on = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="followers"
    )
    date = models.DateField(null=True, blank=True)
    decision = models.ForeignKey(
        Decision, null=True, blank=True, on_delete=models.PROTECT, related_name="versions"
    )
    note = TextField(blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of plan.canonical, set when frozen

    class Meta:
        """Numbered within the plan; one draft at a time, so that nobody edits beside another."""

        ordering = ("plan", "number")
        constraints = (
            models.UniqueConstraint(fields=("plan", "number"), name="version_number"),
            models.UniqueConstraint(fields=("plan",), condition=Q(state="draft"), name="one_draft"),
        )

    def __str__(self) -> str:
        return f"{self.plan} · {self.number}"

    @property
    def is_frozen(self) -> bool:
        """Whether nothing in it may change any more."""
        return self.state != self.State.DRAFT


class Element(models.Model):
    """A thing that a plan says, under an id that never changes."""

    class Kind(models.TextChoices):
        """What it is."""

        CHAPTER = "chapter", _("chapter")
        SECTION = "section", _("section")
        PARAGRAPH = "paragraph", _("paragraph")
        DRIVER = "driver", _("driver")
        MAIN_GOAL = "main_goal", _("main goal")
        GOAL = "goal", _("four-year goal")
        AMBITION = "ambition", _("ambition")
        CHALLENGE = "challenge", _("challenge")
        PRIORITY = "priority", _("priority")
        STATEMENT = "statement", _("statement")
        VISION = "vision", _("vision")
        VALUE = "value", _("value")
        MEANS = "means", _("means")
        FOCUS = "focus", _("focus area")
        ANNEX = "annex", _("annex")
        REFERENCE = "reference", _("reference")
        CHOICE = "choice", _("choice of path")

    id = models.SlugField(primary_key=True, max_length=100)
    kind = models.CharField(max_length=20, choices=Kind.choices, db_index=True)
    origin = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="elements")
    source = models.CharField(max_length=300, blank=True)
    url = models.URLField(blank=True)

    def __str__(self) -> str:
        return self.id


class Wording(models.Model):
    """What an element says, in up to three language forms. It is written once; a change is a new wording."""

    element = models.ForeignKey(Element, on_delete=models.PROTECT, related_name="wordings")
    title = TextField(blank=True)
    text = TextField(blank=True)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        """The same words twice are one wording."""

        constraints = (models.UniqueConstraint(fields=("element", "digest"), name="wording_once"),)

    def __str__(self) -> str:
        return str(self.title) or str(self.text)[:80]

    @property
    def heading(self) -> Text:
        """The title, or the text of an element that has no title of its own."""
        return self.title if any(self.title.values()) else self.text


class Node(models.Model):
    """The place and the words of one element in one version.

    An element that was merged away or removed keeps its node, so that its id still leads somewhere.
    """

    class State(models.TextChoices):
        """Whether the element is shown in this version."""

        SHOWN = "shown", _("shown")
        MERGED = "merged", _("merged into another")
        REMOVED = "removed", _("removed")

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="nodes")
    element = models.ForeignKey(Element, on_delete=models.PROTECT, related_name="nodes")
    parent = models.ForeignKey(Element, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    number = models.CharField(max_length=20, blank=True)
    wording = models.ForeignKey(Wording, on_delete=models.PROTECT, related_name="nodes")
    state = models.CharField(max_length=10, choices=State.choices, default=State.SHOWN)
    merged_into = models.ForeignKey(
        Element, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    split_from = models.ForeignKey(Element, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """An element has one place in a version."""

        ordering = ("version", "parent", "position")
        constraints = (models.UniqueConstraint(fields=("version", "element"), name="one_place"),)

    def __str__(self) -> str:
        return f"{self.element_id} in {self.version_id}"


class Edit(models.Model):
    """One step of work on a draft, with what it changed, so that it can be undone and told."""

    class Kind(models.TextChoices):
        """What was done."""

        ADD = "add", _("added")
        CHANGE_TEXT = "change_text", _("text changed")
        MOVE = "move", _("moved")
        SPLIT = "split", _("split")
        MERGE = "merge", _("merged")
        REMOVE = "remove", _("removed")
        RESTORE = "restore", _("restored")

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="edits")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    element = models.ForeignKey(Element, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True)
    before = models.JSONField()  # element id -> state of its node, None where there was none
    after = models.JSONField()
    undone = models.BooleanField(default=False)
    discarded = models.BooleanField(default=False)  # undone, and then something else was done: no redo

    class Meta:
        """In the order in which it was done."""

        ordering = ("version", "sequence")
        constraints = (models.UniqueConstraint(fields=("version", "sequence"), name="edit_sequence"),)

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind} {self.element_id}"


class Link(models.Model):
    """A relation between two elements, whichever versions show them."""

    class Kind(models.TextChoices):
        """How the source relates to the target."""

        CONTINUES = "continues", _("continues")
        ANSWERS = "answers", _("answers")
        LEADS_TO = "leads_to", _("leads to")
        SUPPORTS = "supports", _("supports")
        DEPENDS_ON = "depends_on", _("depends on")
        CONFLICTS = "conflicts", _("conflicts with")

    source = models.ForeignKey(Element, on_delete=models.PROTECT, related_name="links_out")
    target = models.ForeignKey(Element, on_delete=models.PROTECT, related_name="links_in")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    note = TextField(blank=True)

    class Meta:
        """One of a kind between two elements."""

        ordering = ("kind", "id")
        constraints = (models.UniqueConstraint(fields=("source", "target", "kind"), name="link_once"),)

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


def kind_name(kind: str) -> str:
    """Return what a kind of element is called, in the language of the page.

    >>> from django.utils import translation
    >>> with translation.override("nn"):
    ...     kind_name("main_goal")
    'hovudmål'
    """
    return str(Element.Kind(kind).label)
