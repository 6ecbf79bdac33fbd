"""Pages of the log, for administrators."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from django.http import Http404, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from framsyn.web.access import actor_somewhere
from framsyn.web.accounts.queries import reach_of
from framsyn.web.audit import verified
from framsyn.web.audit.canonical import facts_of
from framsyn.web.audit.differences import MOST, lines_of, short_of
from framsyn.web.audit.keys import known_keys
from framsyn.web.audit.listing import COMMON, Filters, entries_for, state_of_the_log
from framsyn.web.audit.queries import ADDRESSES, told, words_of
from framsyn.web.audit.stamps import contents_of
from framsyn.web.policies import POLICY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse

    from framsyn.web.accounts.queries import Reach
    from framsyn.web.audit.models import Entry

__all__ = ["entry", "log", "log_file"]

PAGE = 50
MOST_ROWS = 200_000  # of a file
COLUMNS = (
    "id at actor action organisation object_type object_id object_label before after reason request_id chain place hash"
).split()
# The kinds of things that changes are about, where they have a page.
KINDS = {
    "plan.element": gettext_lazy("goal or other part of a plan"),
    "plan.plan": gettext_lazy("plan"),
    "indicators.indicator": gettext_lazy("indicator"),
    "measures.measure": gettext_lazy("measure"),
    "scenarios.savedscenario": gettext_lazy("scenario"),
    "accounts.organisation": gettext_lazy("organisation"),
    "auth.user": gettext_lazy("person"),
}


def reach_for(request: HttpRequest) -> Reach:
    """Return where the one who asks may see the log; raise :class:`NotAllowed` where that is nowhere."""
    return reach_of(actor_somewhere(request, "see.audit"), "see.audit")


def log(request: HttpRequest) -> HttpResponse:
    """List entries, narrowed as ``?person=``, ``?action=`` … say, and tell whether the log is whole."""
    reach = reach_for(request)
    filters = Filters.of(request.GET)
    rows = list(entries_for(reach, filters).select_related("seal")[: PAGE + 1])
    here = {one.pk for one in reach.organisations}
    state = state_of_the_log()
    context = {
        "crumbs": [(_("Audit log"), "")],
        "rows": [(one, told(one), short_of(one.before, one.after)) for one in rows[:PAGE]],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "filters": filters,
        "actions": sorted(((name, words_of(name)) for name in POLICY), key=lambda pair: pair[1].lower()),
        "kinds": kinds(filters.kind),
        "organisations": [*([(COMMON, _("what concerns all"))] if reach.everywhere else []),
                          *((one.pk, str(one)) for one in reach.organisations)],
        "state": state,
        "heads": [(head, name_of(head.chain, reach)) for head in state.heads if reach.everywhere or head.chain in here],
        "verified": verified.last(),
    }  # fmt: skip
    return render(request, "audit/log.html", context)


def kinds(chosen: str) -> list[tuple[str, str]]:
    """Return the kinds of things to choose from, the chosen one among them."""
    found = [(code, str(words)) for code, words in KINDS.items()]
    return found if chosen in KINDS or not chosen else [*found, (chosen, chosen)]


def name_of(chain: str, reach: Reach) -> str:
    """Return the name of a chain: that of its organisation."""
    names = {one.pk: str(one) for one in reach.organisations}
    return names.get(chain, chain) if chain else _("what concerns all")


def entry(request: HttpRequest, number: int) -> HttpResponse:
    """Show one entry: what it changed, and whether it says what it was sealed with."""
    reach = reach_for(request)
    one = entries_for(reach).select_related("seal").filter(pk=number).first() if number < 2**63 else None
    if one is None:
        raise Http404
    lines = lines_of(one.before, one.after)
    change = told(one)
    context = {
        "crumbs": [(_("Audit log"), reverse("audit")), (str(number), "")],
        "entry": one,
        "change": change,
        "address": reverse(change.route, args=[one.object_id]) if change.route else "",
        "lines": lines[:MOST],
        "more": max(0, len(lines) - MOST),
        "seal": getattr(one, "seal", None),
        "holds": holds(one),
        "chain": name_of(one.organisation_id or "", reach),
    }
    return render(request, "audit/entry.html", context)


def holds(one: Entry) -> bool | None:
    """Tell whether an entry says what it was sealed with; None when it has no seal, or one of an unknown key."""
    seal = getattr(one, "seal", None)
    key = known_keys().get(seal.key) if seal is not None else None
    if seal is None or key is None:
        return None
    return contents_of(one, facts_of(one), key)[0] == seal.content


class _Line:
    """A file that hands back what is written to it, line by line."""

    def write(self, value: str) -> str:
        """Return the line."""
        return value


def log_file(request: HttpRequest) -> StreamingHttpResponse:
    """Return the entries of the list as csv."""
    found = entries_for(reach_for(request), Filters.of(request.GET)).select_related("seal")
    answer = StreamingHttpResponse(lines(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer


def lines(found: Any) -> Iterator[str]:
    """Give the lines of the file, a chunk of rows in memory at a time."""
    writer = csv.writer(_Line())  # type: ignore[arg-type]
    yield "\ufeff" + writer.writerow(COLUMNS)  # type: ignore[operator]
    last, left = None, MOST_ROWS
    while left > 0:
        rows = list((found if last is None else found.filter(id__lt=last))[:1000])
        for one in rows:
            seal = getattr(one, "seal", None)
            sealed = (seal.chain, seal.place, seal.hash) if seal is not None else ("", "", "")
            yield writer.writerow(map(harmless, (
                one.pk, one.at.isoformat(), one.actor_name, one.action, one.organisation_id or "", one.object_type,
                one.object_id, compact(one.object_label), compact(one.before), compact(one.after), one.reason,
                one.request_id, *sealed,
            )))  # fmt: skip
        if len(rows) < 1000:
            return
        last, left = rows[-1].pk, left - len(rows)


def compact(value: Any) -> str:
    """Return JSON as it goes into a cell."""
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("Kari"), harmless(7)
    ("'=1+1", 'Kari', 7)
    """
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


assert set(ADDRESSES) <= set(KINDS)
