"""Everything that a run hands over, in one folder that appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framsyn.errors import PlanError
from framsyn.outlook.store import MARK, fill, replace_directory
from framsyn.report.document import LANGUAGE_NAMES, render_report, report_name
from framsyn.report.evidence import Evidence
from framsyn.report.numbers import LANGUAGES, check_language
from framsyn.report.words import word
from framsyn.report.workbook import workbook_name, write_workbook

if TYPE_CHECKING:
    import pandas as pd

    from framsyn.analyses.explain import Explanation
    from framsyn.analyses.hindcast import Hindcast
    from framsyn.outlook.result import Outlook

__all__ = ["RESULTS", "write_bundle"]

RESULTS = "results"
Progress = Callable[[int, int, str], None]


def write_bundle(
    folder: str | Path,
    outlook: Outlook,
    baseline: Outlook,
    *,
    languages: Sequence[str] = LANGUAGES,
    workbooks: Sequence[str] | None = None,
    hindcast: Hindcast | None = None,
    drivers: pd.DataFrame | None = None,
    explanation: Explanation | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write report, workbook, results and manifest to a folder, all or nothing.

    Parameters
    ----------
    folder : str or Path
        Made anew; one that Framsyn wrote before is replaced when everything is ready.
    outlook, baseline : Outlook
        The run, and the run that it is compared with, of one region with the same switches.
    languages : sequence of {"nb", "nn", "en"}
        Languages of the report.
    workbooks : sequence of {"nb", "nn", "en"}, optional
        Languages of the workbook, among those of the report; all of them if left out.
    hindcast : Hindcast, optional
        From :func:`framsyn.analyses.hindcast.hindcast`; the report says so where it is left out.
    drivers : DataFrame, optional
        From :func:`framsyn.analyses.drivers.rank_drivers`; likewise.
    explanation : Explanation, optional
        Why somatic need changes, from :func:`framsyn.analyses.explain.explain_change`; computed where left out.
    progress : callable, optional
        Called with (done, total, what) after each file; an exception that it raises leaves the folder as it was.

    Returns
    -------
    Path
        The folder, with ``index.html``, ``report.<lang>.html``, ``workbook.<lang>.xlsx``, ``results/`` and
        ``manifest.json``.

    Raises
    ------
    PlanError
        An unknown language, outlooks that cannot be compared, or a folder that Framsyn did not write.
    """
    chosen = list(dict.fromkeys(check_language(lang) for lang in languages))
    books = [lang for lang in chosen if workbooks is None or lang in workbooks]
    if not chosen:
        message = "no language was given; expected one or more of nb, nn, en."
        raise PlanError("no-language", message, expected=list(LANGUAGES))
    for key in ("region_digest", "switches"):
        if outlook.manifest[key] != baseline.manifest[key]:
            message = (
                f"the outlooks differ in {key}; a report compares runs of one region with the same switches. "
                "Run both again."
            )
            raise PlanError("outlooks-not-comparable", message, key=key)
    target = Path(folder)
    total = 3 + len(chosen) + len(books)
    done = 0

    def told(what: str) -> None:
        nonlocal done
        done += 1
        if progress:
            progress(done, total, what)

    with replace_directory(target) as fresh, ThreadPoolExecutor(1) as pool:
        # Sorting the draws for Parquet lets go of the interpreter, so that it runs beside the drawing.
        results = fresh / RESULTS
        results.mkdir()
        filled = pool.submit(fill, outlook, results)
        if explanation is None:
            from framsyn.analyses.explain import explain_change

            explanation = explain_change(outlook, "need", where={"service_area": "SOM"})
        told("explanation")
        evidence = Evidence(outlook, baseline, explanation, hindcast, drivers)
        for lang in chosen:
            (fresh / report_name(lang)).write_text(
                render_report(evidence, lang, chosen), encoding="utf-8", newline="\n"
            )
            told(report_name(lang))
            if lang in books:
                write_workbook(fresh / workbook_name(lang), evidence, lang)
                told(workbook_name(lang))
        (fresh / "index.html").write_text(index_page(evidence, chosen, books), encoding="utf-8", newline="\n")
        filled.result()
        told(RESULTS)
        text = json.dumps(bundle_manifest(fresh, evidence, chosen), indent=2, ensure_ascii=False)
        (fresh / MARK).write_text(text + "\n", encoding="utf-8", newline="\n")
        told(MARK)
    return target


def bundle_manifest(folder: Path, evidence: Evidence, languages: Sequence[str]) -> dict[str, Any]:
    """Describe the run, the files with their check sums, and the sources behind the numbers."""
    files = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            files.append({"path": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    region = evidence.outlook.region
    return {
        "id": evidence.outlook.id,
        "run": evidence.manifest,
        "baseline": evidence.baseline.manifest,
        "languages": list(languages),
        "hindcast": evidence.hindcast is not None,
        "drivers": evidence.drivers is not None,
        "files": files,
        "licenses": region.descriptor.get("licenses", []),
        "sources": list(region.sources.values()),
    }


def index_page(evidence: Evidence, languages: Sequence[str], workbooks: Sequence[str]) -> str:
    """A small page that leads to the report in each language."""
    first = languages[0]
    title = word("page.title", first, region=evidence.outlook.region.label[first], year=evidence.last)
    items = []
    for lang in languages:
        words = word("page.title", lang, region=evidence.outlook.region.label[lang], year=evidence.last)
        link = f'<a href="{report_name(lang)}">{LANGUAGE_NAMES[lang]}: {escape(words)}</a>'
        book = f' (<a href="{workbook_name(lang)}">Excel</a>)' if lang in workbooks else ""
        items.append(f'<li lang="{lang}">{link}{book}</li>')
    return (
        f'<!doctype html>\n<html lang="{first}">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>body{{font:18px/1.6 system-ui,Arial,sans-serif;max-width:40rem;"
        "margin:3rem auto;padding:0 1rem;color:#1d2a30}a{color:#00707a}li{margin:.5rem 0}</style></head>\n"
        f"<body><main><h1>{escape(title)}</h1><ul>{''.join(items)}</ul></main></body>\n</html>\n"
    )
