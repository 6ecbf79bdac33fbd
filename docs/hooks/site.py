"""What MkDocs calls: navigation from folders, reference pages from their sources, equations as MathML.

Equations are written in LaTeX, in a fence ``math`` or inline as `` `#!math x^2` ``, and become MathML while the site is
built, so that a page opens without a script and without a network.
"""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from latex2mathml.converter import convert
from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

SECTIONS = (
    ("tutorial", "Tutorial"),
    ("how-to", "How to"),
    ("reference", "Reference"),
    ("explanation", "Explanation"),
    ("decisions", "Decisions"),
)
ROOT = Path(__file__).resolve().parents[2]
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([\w./-]+\.md)[)#]")


def _reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "framsyn_reference", Path(__file__).with_name("reference.py")
    )
    if spec is None or spec.loader is None:
        message = "docs/hooks/reference.py is missing"
        raise FileNotFoundError(message)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _math_block(source: str, *_: Any, **__: Any) -> str:
    return f'<div class="math">{convert(source.strip(), display="block")}</div>'


def _math_inline(source: str, *_: Any, **__: Any) -> str:
    return convert(source.strip())


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add the equations, make the reference pages and lay the navigation out."""
    pages = _reference().pages(ROOT)
    config["extra"]["generated"] = pages
    config.mdx_configs.setdefault("pymdownx.superfences", {})["custom_fences"] = [
        {"name": "math", "class": "math", "format": _math_block}
    ]
    config.mdx_configs.setdefault("pymdownx.inlinehilite", {})["custom_inline"] = [
        {"name": "math", "class": "math", "format": _math_inline}
    ]
    docs = Path(config.docs_dir)
    texts = {
        path.relative_to(docs).as_posix(): path.read_text(encoding="utf-8") for path in docs.rglob("*.md")
    }
    texts.update(pages)
    config.nav = [{"Home": "index.md"}, *(_section(folder, title, texts) for folder, title in SECTIONS)]
    return config


def _section(folder: str, title: str, texts: dict[str, str]) -> dict[str, Any]:
    """Navigation of a folder: its index, then the pages in the order in which the index links them, then other folders."""
    index = f"{folder}/index.md"
    told = [f"{folder}/{link}" for link in _LINK.findall(texts.get(index, ""))]
    order = {path: place for place, path in reversed(list(enumerate(told)))}
    inside = sorted(
        (path for path in texts if path.startswith(f"{folder}/")),
        key=lambda path: (order.get(path, len(told)), path),
    )
    entries: list[Any] = [index] if index in inside else []
    depth = folder.count("/") + 1
    for path in inside:
        if path != index and path.count("/") == depth:
            entries.append({_title(texts[path], path): path})
    for below in sorted({path.split("/")[depth] for path in inside if path.count("/") > depth}):
        entries.append(_section(f"{folder}/{below}", below.replace("-", " ").capitalize(), texts))
    return {title: entries}


def _title(text: str, path: str) -> str:
    found = _TITLE.search(text)
    if not found:
        message = f"docs/{path} has no title; begin it with a line '# Title'."
        raise ValueError(message)
    return found.group(1)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Hand the generated reference pages to MkDocs; they exist in the site only."""
    for path, text in config["extra"].pop("generated").items():
        files.append(File.generated(config, path, content=text))
    return files
