"""Words for what kind of figure it is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

__all__ = ["QUALITIES"]

QUALITIES = {
    "official": _("official figure"),
    "derived": _("derived from official figures"),
    "estimate": _("estimate"),
    "assumption": _("assumption"),
    "synthetic": _("synthetic figure"),
    "faulty": _("the source warns of it"),
}
