"""What the importer found and refused, in the words of the site: the engine speaks English, pages three languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from framsyn.web.plan.models import kind_name

if TYPE_CHECKING:
    from framsyn.errors import PlanError
    from framsyn.sources.plan_document import Finding, Place

__all__ = ["finding_words", "kind_words", "place_words", "reason_words", "refusal_words"]

# code → what, way out
_FINDINGS: dict[str, tuple[Any, Any]] = {
    "count-differs": (
        _("The text announces %(said)s items and %(found)s were found: “%(text)s”."),
        _("See in the source whether one is missing, or was taken for two."),
    ),
    "listed-twice": (
        _(
            "“%(title)s” and its %(count)s statements stand twice; %(same)s of them in the same words. "
            "Here they are one set."
        ),
        _("Nothing, unless two sets are meant."),
    ),
    "listed-twice-differs": (
        _("Two lists say this differently: kept “%(kept)s”, put aside “%(other)s”."),
        _("Choose the wording that is meant."),
    ),
    "listed-once": (
        _("This stands in one of two lists that are otherwise the same: “%(kept)s%(other)s”."),
        _("Decide whether it belongs to the plan."),
    ),
    "same-text-twice": (
        _("The same text stands twice: “%(text)s”."),
        _("Leave one of them out, if the second is a slip."),
    ),
    "part-without-goals": (
        _("%(parts)s parts could hold goals and %(lists)s do; “%(title)s” has none of its own."),
        _("See in the source whether the list after it belongs to it too."),
    ),
    "ambition-of-paragraphs": (
        _("The ambition of “%(title)s” has %(count)s paragraphs; the others have one."),
        _("Keep it as one ambition, or part it in the editor."),
    ),
    "part-without-ambition": (
        _("“%(title)s” has goals and no ambition, as the other parts have."),
        _("See in the source whether one is missing."),
    ),
    "number-missing": (
        _("The numbers go from %(before)s to %(after)s."),
        _("See in the source whether something is missing or was numbered wrongly."),
    ),
    "contents-not-found": (
        _("The table of contents names “%(text)s”, and no heading says so."),
        _("See whether the heading is worded otherwise in the text."),
    ),
    "goal-as-paragraph": (
        _("This goal is a paragraph and no list item."),
        _("Make it a paragraph if it is no goal."),
    ),
    "sentence-broken": (
        _("The text breaks off: “…%(text)s”."),
        _("See in the source how the sentence ends."),
    ),
    "joined": (
        _("%(count)s paragraphs that were broken in the middle of a sentence were put together."),
        _("Nothing, unless one of them reads wrongly."),
    ),
    "encoding-guessed": (
        _("The file does not say how its letters are stored; it was read as %(got)s."),
        _("If letters such as æ, ø, å look wrong, save the file as UTF-8."),
    ),
    "not-placed": (
        _("Words of the source fit nowhere and stand in the text left over: “%(text)s”."),
        _("Put them where they belong, in the editor."),
    ),
    "title-missing": (
        _("The document does not say what it is called; the name of the file stands in."),
        _("Write the title."),
    ),
    "no-structure": (
        _("No headings were found: all of it is paragraphs."),
        _("Mark the headings in the source, or sort the paragraphs in the editor."),
    ),
    "nothing-known": (
        _("Headings and paragraphs were found, but neither goals nor challenges nor statements."),
        _("Choose what each part is below, if the document is a plan."),
    ),
}

_REFUSALS: dict[str, Any] = {
    "no-file": _("There is no file. Choose it again."),
    "empty-file": _("There are no words in the file. Give the document that holds the plan."),
    "too-large": _(
        "The document is too large. Save it without pictures, or give the part that holds the plan."
    ),
    "wrong-type": _("A plan is read from Word (.docx), PDF, HTML, Markdown or text. Save it as one of them."),
    "wrong-ending": _(
        "The file is not what the ending of its name says. Save it again in the right form, or give it the right ending."
    ),
    "binary-file": _("This is no text. Save the document as text in UTF-8, or as .docx."),
    "old-word": _("This is a document of an old Word. Open it and save it as .docx."),
    "password-protected": _(
        "The document is protected by a password. Save a copy without one and give that."
    ),
    "damaged-file": _("The file is cut off or damaged. Fetch it again, or save it anew."),
    "zip-bomb": _(
        "Unpacked, the file would fill the memory, as no document that people wrote. Save it anew, or as PDF."
    ),
    "xml-entities": _(
        "The file declares entities, which no Word document does. Open it in Word and save it anew."
    ),
    "too-deep": _(
        "The parts of the file lie too deep in each other. Print it to PDF anew, or save it as text."
    ),
    "too-many-pages": _("The document has too many pages. Give the part that holds the plan."),
    "no-text-layer": _(
        "There is no text in the PDF, only pictures of pages: it needs text recognition (OCR). Ask for the file that it was "
        "printed from."
    ),
    "too-slow": _(
        "Reading took too long and was stopped. Give the part that holds the plan, or save it as text."
    ),
    "too-much-memory": _(
        "Reading takes too much memory. Give the part that holds the plan, or save it as text."
    ),
    "reader-stopped": _(
        "The reader stopped before the end. The file may be damaged: print it to PDF anew, or save it as text."
    ),
    "no-reader": _(
        "This site cannot read PDF: a package is missing. Ask an administrator, or save the document as text."
    ),
}

_REASONS: dict[str, Any] = {
    "page-number": _("page number"),
    "header": _("page header"),
    "footer": _("page footer"),
    "contents": _("table of contents"),
    "title-page": _("title page"),
    "signpost": _("heading of a list"),
    "repeated": _("listed twice"),
    "unplaced": _("fits nowhere"),
}

_DRAFT_KINDS: dict[str, Any] = {
    "theme": _("theme"),
    "conclusion": _("proposed conclusion"),
    "table": _("table"),
}


def finding_words(finding: Finding) -> tuple[str, str]:
    """Return what a finding says and the way out, in the language of the page."""
    said = _FINDINGS.get(finding.code)
    if said is None:
        return finding.message, finding.way_out
    what, way_out = said
    data = {key: _short(value) if isinstance(value, str) else value for key, value in finding.data.items()}
    return str(what) % data, str(way_out)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 200 else f"{text[:199]}…"


def refusal_words(error: PlanError) -> str:
    """Return why a file cannot be read, in the language of the page."""
    said = _REFUSALS.get(error.code)
    return str(said) if said is not None else error.message


def reason_words(reason: str) -> str:
    """Return why text became no element."""
    return str(_REASONS.get(reason, reason))


def kind_words(kind: str) -> str:
    """Return what a kind of the draft is called."""
    return str(_DRAFT_KINDS[kind]) if kind in _DRAFT_KINDS else kind_name(kind)


def place_words(place: Place) -> str:
    """Return where something stands in the source."""
    parts = [str(_("page %(page)s")) % {"page": place.page}] if place.page else []
    if place.line:
        parts.append(str(_("line %(line)s")) % {"line": place.line})
    return ", ".join(parts)
