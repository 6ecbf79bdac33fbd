"""Write the folder: whole or not at all, and never over what somebody else put there."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils import translation

from framsyn.errors import PlanError
from framsyn.outlook.manifest import engine_version
from framsyn.outlook.store import MARK, replace_directory
from framsyn.web.exchange.tables import csv_lines
from framsyn.web.languages import LANGUAGE_NAMES
from framsyn.web.outlooks.tables import series_table
from framsyn.web.pages.catalogue import data_sets
from framsyn.web.static_site.engine import render
from framsyn.web.static_site.links import Links
from framsyn.web.static_site.municipalities import LIST_FILE, all_places
from framsyn.web.static_site.pages import ASSETS, Site, data_files
from framsyn.web.static_site.rewriting import offline
from framsyn.web.templatetags.look import ASSETS as BUILT
from framsyn.web.templatetags.look import assets_built

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from framsyn.web.outlooks.models import Run
    from framsyn.web.static_site.page import Page

    Progress = Callable[[int, int, str], None]

__all__ = ["KIND", "Written", "check_folder", "write_site"]

KIND = "framsyn-site"
"""What the manifest of a folder that we wrote says that it is."""


@dataclass(frozen=True)
class Written:
    """What was written."""

    folder: Path
    pages: int
    files: int
    size: int


def read_mark(folder: Path) -> dict[str, Any]:
    """Return the manifest of a site in a folder; empty where there is none."""
    try:
        found = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and found.get("kind") == KIND else {}


def check_folder(folder: Path, *, force: bool = False) -> None:
    """Raise where a site may not be written into a folder.

    A new folder, an empty one and one that holds nothing but an earlier site are taken. One that holds something else is
    taken with ``force`` alone, and only where nothing of it bears a name that the site needs.

    Raises
    ------
    PlanError
        ``not-a-folder``, ``folder-not-ours``, ``name-taken``.
    """
    if folder.exists() and not folder.is_dir():
        message = f"{folder} is a file; the site needs a folder. Name another one."
        raise PlanError("not-a-folder", message, got=str(folder))
    foreign = foreign_names(folder)
    if foreign and not force:
        message = (
            f"{folder} holds what Framsyn did not write ({', '.join(foreign[:3])}). Nothing was written. "
            "Name an empty folder, or --force to write beside it."
        )
        raise PlanError("folder-not-ours", message, got=str(folder), found=foreign)


def foreign_names(folder: Path) -> list[str]:
    """Return the names in a folder that no site of ours stands for."""
    if not folder.is_dir():
        return []
    ours = set(read_mark(folder).get("names", ()))
    return sorted(path.name for path in folder.iterdir() if path.name not in ours)


def write_site(
    folder: str | Path,
    run: Run,
    languages: Sequence[str],
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Written:
    """Write the results of a run as a folder that opens without a server.

    Parameters
    ----------
    folder : str or Path
    run : Run
        A kept run; the main one of its database, since the pages are the site's own.
    languages : sequence of {"nb", "nn", "en"}
    force : bool
        Write beside what is there, see :func:`check_folder`.
    progress : callable, optional
        Called with (done, total, what).

    Returns
    -------
    Written
    """
    target = Path(folder).absolute()
    check_folder(target, force=force)
    need_assets()
    site = Site.of(run, languages)
    with place_for(target) as fresh:
        pages = fill(fresh, site, progress or (lambda *_: None))
        files = [path for path in fresh.rglob("*") if path.is_file()]
        manifest = {
            "kind": KIND,
            "engine": engine_version(),
            "run": run.manifest,
            "languages": list(languages),
            "names": sorted({MARK, *(path.name for path in fresh.iterdir())}),
            "files": sorted(path.relative_to(fresh).as_posix() for path in files),
        }
        text = json.dumps(manifest, indent=1, ensure_ascii=False)
        (fresh / MARK).write_text(text + "\n", encoding="utf-8", newline="\n")
        size = sum(path.stat().st_size for path in (*files, fresh / MARK))
    return Written(target, pages, len(files) + 1, size)


def need_assets() -> None:
    """Raise where the look of the site has not been built."""
    if set(assets_built()) < set(ASSETS):
        message = "the look of the site is not built. Run python tools/build_assets.py in the project, then export again."
        raise PlanError("assets-missing", message)


@contextmanager
def place_for(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill; on success it takes its place, on failure nothing has changed."""
    if not foreign_names(target):
        with replace_directory(target) as fresh:
            yield fresh
        return
    fresh = Path(tempfile.mkdtemp(dir=target, prefix=".framsyn-site."))
    try:
        yield fresh
        move_beside(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def move_beside(fresh: Path, target: Path) -> None:
    """Put a site beside what a folder holds; only what an earlier site left there is replaced."""
    ours = set(read_mark(target).get("names", ()))
    names = {path.name for path in fresh.iterdir()}
    taken = sorted(name for name in names - ours if (target / name).exists())
    if taken:
        message = (
            f"{target} holds {', '.join(taken)}, which Framsyn did not write and would have to replace. "
            "Nothing was changed. Name another folder."
        )
        raise PlanError("name-taken", message, got=str(target), found=taken)
    old = Path(tempfile.mkdtemp(dir=target, prefix=".framsyn-site-old."))
    moved: list[str] = []
    placed: list[str] = []
    try:
        for name in sorted(ours):
            if (target / name).exists():
                (target / name).replace(old / name)
                moved.append(name)
        for name in sorted(names):
            (fresh / name).replace(target / name)
            placed.append(name)
    except BaseException:
        for name in placed:
            (target / name).replace(fresh / name)
        for name in moved:
            (old / name).replace(target / name)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def fill(folder: Path, site: Site, progress: Progress) -> int:
    """Write every file into an empty folder, and return how many pages there are."""
    pages = [(lang, page) for lang in site.languages for page in site.pages(lang)]
    data = data_files(site.run)
    total = len(pages) + len(data) + 1
    copy_assets(folder / "assets")
    links = {lang: Links(site.files(lang)) for lang in site.languages}
    for done, (lang, page) in enumerate(pages, start=1):
        write(folder / page.file, page_text(site, page, lang, links[lang]))
        progress(done, total, page.file)
    write(folder / "index.html", choice(site, links[site.languages[0]]))
    for done, name in enumerate(data, start=len(pages) + 2):
        write_data(folder / name, site)
        progress(done, total, name)
    for entry in data_sets(site.run.region):
        shutil.copyfile(entry.path, folder / "data" / entry.path.name)
    return len(pages) + 1


def page_text(site: Site, page: Page, lang: str, links: Links) -> str:
    """Return a page as it stands in the folder."""
    with translation.override(lang):
        context = {**site.frame(page, lang), **page.context()}
    rest = page.file.partition("/")[2]
    others = {f"/in/{code}/": f"{code}/{rest}" for code in site.languages}
    return offline(render(page.template, context, lang), page.file, links.with_more(others))


def choice(site: Site, links: Links) -> str:
    """Return the first page: in which language to go on."""
    entries = [
        {
            "code": code,
            "name": LANGUAGE_NAMES[code],
            "address": f"/in/{code}/",
            "title": f"{site.region.label[code]}: {site.run.label[code]}",
        }
        for code in site.languages
    ]
    fronts = {f"/in/{code}/": f"{code}/index.html" for code in site.languages}
    page = render("static_site/choose.html", {"languages": entries, "first": entries[0]}, site.languages[0])
    return offline(page, "index.html", links.with_more(fronts))


def copy_assets(folder: Path) -> None:
    """Copy what the pages load, and the licences that travel with it."""
    folder.mkdir(parents=True)
    built = assets_built()
    for name in ASSETS:
        shutil.copyfile(BUILT / built[name], folder / name)
    shutil.copyfile(BUILT / "licences.txt", folder / "licences.txt")


def write_data(file: Path, site: Site) -> None:
    """Write the figures of a place, or the scenario."""
    if file.suffix == ".toml":
        if site.scenario is not None:
            write(file, site.scenario.to_toml())
        return
    place = file.stem.partition("-")[2]
    with translation.override("en"):
        table = all_places(site.run) if file.name == Path(LIST_FILE).name else series_table(site.run, place)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(csv_lines(table))


def write(file: Path, text: str) -> None:
    """Write a text file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
