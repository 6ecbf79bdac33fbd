"""What people hold against an assumption, and how much each assumption matters for a result."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from framsyn.web.accounts.models import Organisation
from framsyn.web.languages import TextField

__all__ = ["Objection", "Share"]


class Objection(models.Model):
    """An objection to an assumption, with the answer of those who are responsible.

    Its words are read by who wrote them and by those who answer. Everybody reads them only when the writer allowed it and
    somebody who answers published them; the writer's name is never published.
    """

    LONGEST = 4000

    class Kind(models.TextChoices):
        """What the disagreement is about, since each needs another answer."""

        FACT = "fact", _("fact: the figure is wrong")
        VALUE = "value", _("value: another goal or another weight")
        INTEREST = "interest", _("interest: somebody bears the cost")

    class Status(models.TextChoices):
        """Whether somebody has answered."""

        OPEN = "open", _("waits for an answer")
        ANSWERED = "answered", _("answered")

    assumption = models.SlugField(max_length=80)
    scenario = models.CharField(max_length=90)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField()
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    may_publish = models.BooleanField(default=False)
    is_published = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    answer = TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        """Newest first; published only with leave."""

        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("assumption",), name="objection_to"),)
        constraints = (
            models.CheckConstraint(
                name="objection_with_leave",
                condition=models.Q(is_published=False) | models.Q(may_publish=True),
            ),
        )

    def __str__(self) -> str:
        # Never the text: this is what logs and lists print.
        return f"objection {self.pk} to {self.assumption}"


class Share(models.Model):
    """Share of the uncertainty of a result that an assumption makes, computed once for a run."""

    run = models.CharField(max_length=64)
    scenario_digest = models.CharField(max_length=64)
    quantity = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField()
    assumption = models.SlugField(max_length=80)
    total = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    size = models.PositiveIntegerField()  # base size of the design that it was computed with
    computed_at = models.DateTimeField()

    class Meta:
        """One per run, quantity and assumption."""

        constraints = (models.UniqueConstraint(fields=("run", "quantity", "assumption"), name="ranked_once"),)
        indexes = (models.Index(fields=("scenario_digest", "assumption"), name="ranked_of"),)

    def __str__(self) -> str:
        return f"{self.assumption} {self.quantity} {self.year}"
