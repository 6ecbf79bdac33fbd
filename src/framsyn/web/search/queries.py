"""Finding: all words, in the reader's language form; and what is near when nothing has them all.

Every document is everybody's to read but one kind: a saved scenario is found by those alone who may read it. The statements
themselves ask that of the rows of today, before anything is counted, so that not even a number tells of another one.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from framsyn.web.languages import LANGUAGES
from framsyn.web.search.models import Document
from framsyn.web.search.stems import stems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from framsyn.web.actions import Actor

__all__ = ["Group", "Hit", "Hits", "find", "ids_of_kind"]

MOST_WORDS = 12
EXCERPT = 220
PER_GROUP = 6  # of each kind, as long as no kind is chosen
PER_PAGE = 20  # of the kind that is chosen
SHORTEST = 4  # letters of a beginning that is looked for when nothing is found
_WORD = re.compile(r"[^\W_]+")

# BM25 and ts_rank both order by how often and how rare; neither is shown. Each statement gives the place within the kind
# and the number of the kind's hits beside every hit, so that counting takes no query of its own.
SQLITE = """
    WITH found AS MATERIALIZED (
        SELECT d.id AS id, d.kind AS kind, d.object_id AS object_id, bm25(search_index) AS score
        FROM search_index i JOIN search_document d ON d.id = i.rowid
        WHERE search_index MATCH %s AND d.language = %s AND (d.kind <> 'scenario' OR {readable}))
    SELECT id, kind, object_id, score, place, total FROM (
        SELECT id, kind, object_id, score,
            row_number() OVER (PARTITION BY kind ORDER BY score, id) AS place,
            count(*) OVER (PARTITION BY kind) AS total FROM found) AS placed
    WHERE (place > %s AND place <= %s) OR place = 1 ORDER BY score, id"""
POSTGRESQL = """
    WITH found AS MATERIALIZED (
        SELECT id, kind, object_id, -ts_rank(to_tsvector('simple', stems), to_tsquery('simple', %s)) AS score
        FROM search_document d WHERE to_tsvector('simple', stems) @@ to_tsquery('simple', %s) AND language = %s
            AND (d.kind <> 'scenario' OR {readable}))
    SELECT id, kind, object_id, score, place, total FROM (
        SELECT id, kind, object_id, score,
            row_number() OVER (PARTITION BY kind ORDER BY score, id) AS place,
            count(*) OVER (PARTITION BY kind) AS total FROM found) AS placed
    WHERE (place > %s AND place <= %s) OR place = 1 ORDER BY score, id"""


@dataclass(frozen=True)
class Hit:
    """One thing found, with the words marked."""

    kind: str
    title: SafeString
    excerpt: SafeString
    address: str


@dataclass(frozen=True)
class Group:
    """What was found of one kind: its number, and the best of it."""

    kind: str
    count: int
    hits: list[Hit]


@dataclass(frozen=True)
class Hits:
    """What was found, by kind in the order of the best hit.

    Parameters
    ----------
    how : {"all", "language", "some", "beginning", "nothing", "no words"}
        ``all``: has all the words. ``language``: so in another language form. ``some``: has some of them. ``beginning``:
        has words that begin as the first one does. The first of these that finds anything is taken.
    """

    text: str
    groups: list[Group]
    count: int
    how: str

    def count_of(self, kind: str) -> int:
        """Return the number of hits of a kind."""
        return next((group.count for group in self.groups if group.kind == kind), 0)


@dataclass(frozen=True)
class _Row:
    id: int
    kind: str
    object_id: str
    score: float
    place: int
    total: int


def find(text: str, language: str, kind: str = "", page: int = 1, actor: Actor | None = None) -> Hits:
    """Return what has all the words, the last of them perhaps not yet written to its end; else what is near.

    Two queries; up to eight when nothing has all the words. Two more for who is logged in.

    Parameters
    ----------
    text : str
        What somebody typed.
    language : {"nb", "nn", "en"}
    kind : str, optional
        Show more of this kind, and nothing of the others but their number.
    page : int
        Of the kind that is shown.
    actor : Actor, optional
        Who looks; without one whoever the request that is being answered comes from, and a stranger outside of any.
    """
    words = words_of(text, language)
    if not words:
        return Hits(text, [], 0, "no words")
    readable = readable_scenarios(actor)
    first, last = ((page - 1) * PER_PAGE, page * PER_PAGE) if kind else (0, PER_GROUP)
    for how, given, own in attempts(text, language, words):
        rows = matching(given, own, first, last, readable)
        if rows:
            return told(text, how, rows, given if own == language else [], language, kind, first)
    return Hits(text, [], 0, "nothing")


def attempts(text: str, language: str, words: list[str]) -> Iterable[tuple[str, list[list[str]], str]]:
    """Give the ways of looking, strictest first: alternatives of words that must all be there, and the language."""
    yield "all", [words], language
    for other in LANGUAGES:
        if other != language:
            yield "language", [words_of(text, other)], other
    if len(words) > 1:
        yield "some", [[word] for word in words], language
    whole = len(words[0])
    for length in sorted({whole - 2, whole // 2, SHORTEST}, reverse=True):
        if SHORTEST <= length < whole:
            yield "beginning", [[words[0][:length]]], language


def words_of(text: str, language: str) -> list[str]:
    """Return the stems to look for, each once.

    >>> words_of('"Sykehusene" OR sykehus*', "nb")
    ['sykehus', 'or']
    """
    return list(dict.fromkeys(stems(text, language)))[:MOST_WORDS]


def readable_scenarios(actor: Actor | None) -> tuple[str, tuple[Any, ...]]:
    """Return the condition under which a document ``d`` is of a scenario that somebody may read, with its parameters.

    It is the very query of the pages of scenarios; for who is logged in two queries say what that is.
    """
    from framsyn.web.scenarios.queries import shipped, visible
    from framsyn.web.scenarios.reader import reading_actor

    names = shipped()
    rows = (
        visible(actor if actor is not None else reading_actor()).select_related(None).order_by().values("pk")
    )
    saved, parameters = rows.query.sql_with_params()
    return f"d.object_id IN ({', '.join(['%s'] * len(names))}) OR d.object_id IN ({saved})", (
        *names,
        *parameters,
    )


def matching(
    alternatives: list[list[str]], language: str, first: int, last: int, readable: tuple[str, tuple[Any, ...]]
) -> list[_Row]:
    """Return the documents that have all the words of an alternative, best first: of each kind a part; one query."""
    condition, allowed = readable
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            query = " | ".join(
                " & ".join([*map(_lexeme, a[:-1]), f"{_lexeme(a[-1])}:*"]) for a in alternatives
            )
            cursor.execute(
                POSTGRESQL.format(readable=condition), [query, query, language, *allowed, first, last]
            )
        else:
            query = " OR ".join(
                "(" + " ".join([*(f'"{word}"' for word in a[:-1]), f'"{a[-1]}"*']) + ")" for a in alternatives
            )
            cursor.execute(SQLITE.format(readable=condition), [query, language, *allowed, first, last])
        return [_Row(*row) for row in cursor.fetchall()]


def _lexeme(word: str) -> str:
    """Return a stem, which is letters and digits only, as one lexeme."""
    return f"'{word}'"


def told(
    text: str,
    how: str,
    rows: list[_Row],
    alternatives: list[list[str]],
    language: str,
    kind: str,
    first: int,
) -> Hits:
    """Return rows as what the page shows; one query."""
    if how == "language":  # shown in the reader's own language form all the same
        things = {(one.kind, one.object_id): one for one in rows}
        found = Document.objects.filter(language=language, object_id__in=[one.object_id for one in rows])
        documents = {things[key].id: d for d in found if (key := (d.kind, d.object_id)) in things}
    else:
        documents = Document.objects.in_bulk([one.id for one in rows])
    marked = marker([word for a in alternatives for word in a], {a[-1] for a in alternatives}, language)
    hits: dict[str, list[Hit]] = {}
    totals: Counter[str] = Counter()
    for one in rows:
        totals[one.kind] = one.total
        group = hits.setdefault(one.kind, [])
        wanted = one.kind == kind if kind else True
        if wanted and one.place > first and one.id in documents:
            document = documents[one.id]
            part = excerpt(document.text, marked)
            group.append(Hit(one.kind, mark(document.title, marked), mark(part, marked), document.address))
    groups = [Group(name, totals[name], group) for name, group in hits.items()]
    return Hits(text, groups, sum(totals.values()), how)


def marker(words: list[str], beginnings: set[str], language: str) -> Callable[[str], bool]:
    """Return a test of whether a word of a text is one of those that were looked for."""

    def test(part: str) -> bool:
        return any(
            stem in words or any(stem.startswith(word) for word in beginnings)
            for stem in stems(part, language)
        )

    return test


def mark(text: str, marked: Callable[[str], bool]) -> SafeString:
    """Return a text with the words that were looked for marked.

    >>> str(mark("Bed & bath", lambda word: word == "Bed"))
    '<mark>Bed</mark> &amp; bath'
    """
    parts: list[SafeString] = []
    end = 0
    for found in _WORD.finditer(text):
        parts.append(conditional_escape(text[end : found.start()]))
        word = found.group()
        parts.append(format_html("<mark>{}</mark>", word) if marked(word) else conditional_escape(word))
        end = found.end()
    parts.append(conditional_escape(text[end:]))
    return format_html_join("", "{}", ((part,) for part in parts))


def excerpt(text: str, marked: Callable[[str], bool]) -> str:
    """Return the part of a text around the first word found.

    >>> excerpt("En to tre", lambda word: word == "tre")
    'En to tre'
    """
    if len(text) <= EXCERPT:
        return text
    place = next((found.start() for found in _WORD.finditer(text) if marked(found.group())), 0)
    begin = max(0, place - EXCERPT // 3)
    if begin:
        begin = text.find(" ", begin) + 1
    end = min(len(text), begin + EXCERPT)
    if end < len(text):
        end = text.rfind(" ", begin, end)
        end = end if end > begin else min(len(text), begin + EXCERPT)
    return f"{'… ' if begin else ''}{text[begin:end]}{' …' if end < len(text) else ''}"


def ids_of_kind(text: str, language: str, kind: str) -> list[str]:
    """Return the ids of all things of one kind that have all the words, best first; for narrowing a list.

    One query; none where there is no word to look for, which finds nothing.
    """
    words = words_of(text, language)
    if not words:
        return []
    readable = readable_scenarios(None) if kind == "scenario" else ("FALSE", ())
    rows = matching([words], language, 0, 1_000_000, readable)
    return [row.object_id for row in rows if row.kind == kind]
