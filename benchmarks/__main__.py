"""Measure every promise: ``python -m benchmarks [part of a name …]``.

Each ``bench_*.py`` beside this file holds one promise and one function ``measure()`` that yields records: ``name``,
``value``, ``unit`` and, where something was promised, ``limit`` and ``better`` ("lower" or "higher"). Each file runs in a
process of its own, so that its peak memory is its own and an import is a first import. The records go to
``out/bench.jsonl``, one JSON object a line; the exit code is 1 if a promise is broken.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
OUT = FOLDER.parent / "out" / "bench.jsonl"


def kept(record: dict) -> bool | None:
    """Whether a record keeps its promise; None where nothing was promised."""
    if record.get("limit") is None:
        return None
    if record.get("better", "lower") == "lower":
        return record["value"] <= record["limit"]
    return record["value"] >= record["limit"]


def run_one(name: str) -> None:
    """Measure one file in this process and print a JSON line per record."""
    for record in importlib.import_module(f"benchmarks.{name}").measure():
        print(json.dumps({"bench": name, **record}), flush=True)


def main(words: list[str]) -> int:
    """Measure all files whose name holds one of the words, or all."""
    names = [file.stem for file in sorted(FOLDER.glob("bench_*.py"))]
    names = [name for name in names if not words or any(word in name for word in words)]
    if not names:
        print(f"no benchmark has {' or '.join(words) or 'a name bench_*.py'} in its name", file=sys.stderr)
        return 1
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print(f"{'what':<58}{'measured':>12}{'promised':>12}  unit")
    records, failed = [], []
    for name in names:
        command = [sys.executable, "-m", "benchmarks", "--one", name]
        done = subprocess.run(
            command, cwd=FOLDER.parent, stdout=subprocess.PIPE, encoding="utf-8", check=False
        )
        if done.returncode:
            failed.append(f"{name} ended with {done.returncode}")
        for line in done.stdout.splitlines():
            if not line.startswith('{"bench"'):
                continue
            record = json.loads(line)
            records.append(record)
            promise = "" if record.get("limit") is None else f"{record['limit']:,.4g}"
            mark = {True: "", False: "  BROKEN", None: ""}[kept(record)]
            print(
                f"{record['name']:<58}{record['value']:>12,.4g}{promise:>12}  {record['unit']}{mark}",
                flush=True,
            )
            if mark:
                failed.append(record["name"])
    OUT.parent.mkdir(exist_ok=True)
    partial = OUT.with_suffix(".partial")
    partial.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    partial.replace(OUT)
    print(f"\n{len(records)} figures in {OUT.relative_to(FOLDER.parent)}")
    for line in failed:
        print(f"broken: {line}")
    return 1 if failed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        run_one(sys.argv[2])
    else:
        raise SystemExit(main(sys.argv[1:]))
