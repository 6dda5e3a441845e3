"""Run the benches: `python -m bench [--only NAME]…`; a table on the screen, all of it in a file.

A bench is a module of this package with `run() -> dict`. The dict has `name` and `rows`; a row is
a dict with `what`, `ratio` or `value`, `unit`, `goal` (a string such as "≥ 0.95 ×") and `met`,
and may have `median`, `min`, `max` and `note`. A missed goal is printed as missed and is no
error; a bench that is missing or breaks is.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.table import count_missed, render_table

BENCHES = (
    "delivery",
    "transcode",
    "api",
    "tv",
    "television",
    "guide",
    "windows",
    "live",
    "zap",
    "search",
)
REPORT = Path("build/bench.json")


def find_bench(name: str) -> Callable[[], dict[str, Any]]:
    """Import `bench.<name>` and return its `run`.

    Raises:
        ImportError: there is no such module.
        AttributeError: it has no `run`.
    """
    bench: Callable[[], dict[str, Any]] = importlib.import_module(f"bench.{name}").run
    return bench


def describe_machine() -> dict[str, Any]:
    """Say what was measured on; figures of different machines are not to be compared."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def run_one(name: str) -> dict[str, Any]:
    """Run one bench and return its result with `seconds`, or with `error` when it broke."""
    started = time.monotonic()
    try:
        result = find_bench(name)()
    except Exception as error:  # noqa: BLE001  # one broken bench must not lose the others' figures
        traceback.print_exc()
        result = {"name": name, "rows": [], "error": f"{type(error).__name__}: {error}"}
    result["seconds"] = round(time.monotonic() - started, 1)
    return result


def write_report(results: list[dict[str, Any]], path: Path) -> None:
    """Write machine and results as JSON, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    text = json.dumps(
        {"machine": describe_machine(), "benches": results}, ensure_ascii=False, indent=2
    )
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line; an unknown bench is refused here."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measure against the goals"
    )
    parser.add_argument(
        "--only", action="append", choices=BENCHES, help="run this one (repeatable)"
    )
    parser.add_argument("--report", type=Path, default=REPORT, help="where the JSON goes")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run what was asked for; 0 when every bench ran, whether or not its goals were met."""
    args = parse_args(argv)
    results = []
    for name in args.only or BENCHES:
        print(f"[bench] {name} …", file=sys.stderr, flush=True)
        results.append(run_one(name))
        write_report(results, args.report)
    print(render_table(results))
    broken = [result["name"] for result in results if "error" in result]
    missed = count_missed(results)
    print(f"\n{missed} goal(s) missed" if missed else "\nall goals met" if not broken else "")
    if broken:
        print(f"could not run: {', '.join(broken)}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
