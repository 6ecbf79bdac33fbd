"""Measure every promise: ``python -m benchmarks [--quick] [--out FILE] [part of a name …]``.

Each file of :data:`BENCHES` holds one promise and a function ``measure(quick)`` that yields figures. Each runs in a process
of its own, so that its memory and its imports are its own. The figures go to the table on the screen and, as one JSON
object a line after a line about the machine, to a file. The exit code is 1 if a promise is broken or a benchmark fails;
``--quick`` measures everything at tiny sizes to see that it works, and judges nothing.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.measuring import ROOT, environment

BENCHES = (
    "import_time",
    "chain",
    "desk",
    "nation",
    "rows",
    "site",
    "explorer",
    "explorer_browser",
    "audit",
    "cells",
    "cluster",
)
OUT = ROOT / "out" / "bench.jsonl"


def main(words: list[str]) -> int:
    """Measure the files whose name holds one of the words, or all; return the exit code."""
    options = arguments(words)
    if options.one:
        for figure in importlib.import_module(f"benchmarks.{options.one}").measure(options.quick):
            print(json.dumps(figure.record(options.one)), flush=True)
        return 0
    names = [name for name in BENCHES if not options.names or any(word in name for word in options.names)]
    if not names:
        print(
            f"no benchmark has {' or '.join(options.names)} in its name; there are {', '.join(BENCHES)}",
            file=sys.stderr,
        )
        return 2
    facts = machine.facts()
    print(", ".join(f"{key} {value}" for key, value in facts.items()))
    if options.quick:
        print("--quick: tiny sizes, to see that every benchmark works; the figures judge nothing")
    lines: list[dict[str, Any]] = [{"bench": "machine", "quick": options.quick, **facts}]
    wrong = []
    for name in names:
        records, failure = measure(name, options.quick)
        lines += records
        show(name, records, options.quick)
        wrong += [f"{name}: {failure}"] if failure else []
        if not options.quick:
            wrong += [f"{name}: {record['name']}" for record in records if record.get("kept") is False]
    write(options.out, lines)
    print(f"{len(lines) - 1} figures in {options.out}")
    for line in wrong:
        print(f"not kept: {line}")
    return 1 if wrong else 0


def arguments(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure every promise of speed and memory, with what stands beside it, in one run.",
        epilog="Example: python -m benchmarks chain desk",
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"part of a name; there are {', '.join(BENCHES)}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes, to see that it works; judges nothing"
    )
    parser.add_argument(
        "--out", type=Path, default=OUT, metavar="FILE", help="JSON lines (default: out/bench.jsonl)"
    )
    parser.add_argument("--one", choices=BENCHES, help=argparse.SUPPRESS)
    return parser.parse_args(words)


def measure(name: str, quick: bool) -> tuple[list[dict[str, Any]], str]:
    """Run one benchmark in a process of its own; return its records and, if it failed, how."""
    command = [sys.executable, "-m", "benchmarks", "--one", name, *(["--quick"] if quick else [])]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as child:
        printed, said = child.communicate()
    records = [json.loads(line) for line in printed.splitlines() if line.startswith('{"bench"')]
    return records, f"ended with {child.returncode}\n{said.strip()[-2000:]}" if child.returncode else ""


def show(name: str, records: list[dict[str, Any]], quick: bool) -> None:
    """Print the figures of a benchmark as a table."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=name, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False)
    for title in ("what", "measured", "promised", "of it", "beside"):
        table.add_column(title, justify="left" if title in ("what", "beside") else "right", overflow="fold")
    for record in records:
        value = "not measured" if record["value"] is None else f"{number(record['value'])} {record['unit']}"
        promised = ""
        if "limit" in record:
            promised = f"{'≤' if record['better'] == 'lower' else '≥'} {number(record['limit'])}"
        used = f"{record['used']:.0%}" if "used" in record else ""
        if record.get("kept") is False and not quick:
            used += " BROKEN"
        beside = ""
        if "ratio" in record:
            peer, size = record["beside"]
            beside = f"{number(record['ratio'])} × ({peer} {number(size)})"
        table.add_row(
            record["name"], value, promised, used, beside, style="red" if used.endswith("BROKEN") else ""
        )
    Console(width=132, soft_wrap=False).print(table)


def number(value: float) -> str:
    """Write a number with three digits that count.

    >>> number(0.01234), number(1234.5), number(12.0)
    ('0.0123', '1,234', '12')
    """
    if value == 0 or 0.001 <= abs(value) < 100:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1e}"


def write(path: Path, lines: list[dict[str, Any]]) -> None:
    """Write the JSON lines, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8"
    )
    partial.replace(path)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
