r"""Make the project's virtual environment from the lock, once per content.

Run by ``make setup`` (what a run needs) and ``make setup-dev`` (tests, linters and docs too) with whatever python the
machine has, so this file keeps to syntax that old versions can read. A second call with nothing changed does nothing:
the environment carries a stamp, a digest of the lock, of pyproject.toml, of the python and of its own place.

    python tools/setup_venv.py [--dev] [--venv DIRECTORY]

Windows without make: ``py -3.11 tools\setup_venv.py`` and then ``.venv\Scripts\framsyn demo``.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time

MINIMUM = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VERSION = "%d.%d" % sys.version_info[:2]
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}


def fail(what, way_out):
    """Say what is wrong and the way out, and stop."""
    sys.stderr.write("\nset-up stopped: %s\n  %s\n\n" % (what, way_out))
    raise SystemExit(1)


def check_python():
    """Stop with a clear word if this python is too old or cannot make environments."""
    if sys.version_info[:2] < MINIMUM:
        which = getattr(shutil, "which", lambda name: None)
        newer = [name for name in NEWER if which(name)]
        if newer:
            way_out = "%s is on this machine. Run: make setup PYTHON=%s" % (newer[0], newer[0])
        else:
            way_out = "Install Python 3.11 or newer and name it: make setup PYTHON=/path/to/python3.11"
        fail("Framsyn needs Python 3.11 or newer; %s is %s." % (sys.executable, VERSION), way_out)
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        fail(
            "%s has no venv module." % sys.executable,
            "On Debian or Ubuntu it is the package python3-venv; or name another python: make setup PYTHON=…",
        )


def digest(kind, venv):
    """Digest of all that decides what the environment holds, and of where it stands."""
    parts = hashlib.sha256()
    for name in (LOCKS[kind], "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            parts.update(file.read())
    parts.update(("|%s|%s|%s" % (VERSION, ROOT, os.path.abspath(venv))).encode("utf-8"))
    return parts.hexdigest()


def read_stamps(path):
    """Return the digests of the last set-ups that went through, by kind."""
    try:
        with open(path) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def call(command):
    """Run a command in the project's folder; stop if it fails."""
    code = subprocess.call(command, cwd=ROOT)
    if code:
        fail(
            "this command ended with %d: %s" % (code, " ".join(command)),
            "Nothing is half done: mend the cause above (often the network or a proxy) and run the same command again.",
        )


def path_of_pip(python):
    """Return the path of pip's entry file in the environment, which stands in its site-packages."""
    found = subprocess.check_output([python, "-c", "import pip; print(pip.__file__)"])
    return found.decode("utf-8").strip()


def main(arguments):
    """Set the environment up unless its stamp says that it is."""
    check_python()
    kind = "dev" if "--dev" in arguments else "run"
    venv = arguments[arguments.index("--venv") + 1] if "--venv" in arguments else ".venv"
    venv = os.path.join(ROOT, venv)
    stamp = os.path.join(venv, "framsyn-stamp.json")
    wanted = digest(kind, venv)
    stamps = read_stamps(stamp)
    if stamps.get(kind) == wanted:
        return
    began = time.time()
    python = os.path.join(venv, "Scripts" if os.name == "nt" else "bin", "python")
    if not stamps or stamps.get("python") != VERSION or stamps.get("place") != venv:
        print("set-up: new virtual environment with Python %s" % VERSION)
        sys.stdout.flush()
        call([sys.executable, "-m", "venv", "--clear", venv])
        stamps = {"python": VERSION, "place": venv}
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--progress-bar", "off"]
    lock = LOCKS[kind]
    with open(os.path.join(ROOT, lock)) as file:
        count = sum("==" in line for line in file)
    print(
        "set-up: %d packages of %s, each checked by its hash (one to three minutes the first time)"
        % (count, lock)
    )
    sys.stdout.flush()
    call([*pip, "--require-hashes", "--no-deps", "--no-compile", "-r", lock])
    print("set-up: framsyn itself, editable")
    sys.stdout.flush()
    call([*pip, "--no-deps", "--no-build-isolation", "--no-index", "-e", "."])
    # Compiled here, on all cores: a machine that never writes bytecode (PYTHONDONTWRITEBYTECODE) would else pay some
    # eight seconds at every start.
    packages = os.path.dirname(os.path.dirname(path_of_pip(python)))
    subprocess.call([python, "-m", "compileall", "-q", "-q", "-j", "0", packages, os.path.join(ROOT, "src")])
    stamps[kind] = wanted
    if kind == "dev":
        # The larger lock holds every pin of the smaller one (tests/unit/test_house.py).
        stamps["run"] = digest("run", venv)
    partial = stamp + ".partial"
    with open(partial, "w") as file:
        json.dump(stamps, file)
    os.replace(partial, stamp)
    print("set-up: done in %.0f s" % (time.time() - began))


if __name__ == "__main__":
    main(sys.argv[1:])
