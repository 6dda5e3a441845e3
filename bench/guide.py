"""Importing a guide against a bare lxml `iterparse` of the same file; memory at 10 × the size."""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from lxml import etree

from core.clock import SystemClock
from core.db import SessionFactory, make_engine, make_session_factory, session_scope
from epg.channels.tables import Channel
from epg.guide import feeds
from epg.guide.importing import import_xmltv
from vod_server.migrations import migrate

#: As the guide of a county's cable: a week of some hundred and fifty channels.
CHANNELS = 155
PROGRAMMES = 165
ROUNDS = 5

#: Run in a process of its own; says its peak of memory in MiB (not ru_maxrss: a child's begins
#: with its parent's).
CHILD = """
import sys
from pathlib import Path
from bench.guide import open_database, take
engine, sessions, feed_id = open_database(Path(sys.argv[2]), int(sys.argv[3]))
take(sessions, feed_id, Path(sys.argv[1]))
engine.dispose()
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) / 1024)
"""


def run() -> dict[str, Any]:
    """Measure both goals on generated guides; runs are interleaved, medians compared."""
    gc.freeze()  # as the command does
    with tempfile.TemporaryDirectory(prefix="cuntai-bench-") as name:
        folder = Path(name)
        small = write_guide(folder / "1.xml", CHANNELS)
        rows = compare(small, folder)
        large = write_guide(folder / "10.xml", CHANNELS * 10)
        peaks = [
            peak_mib(small, folder / "small.db", CHANNELS),
            peak_mib(large, folder / "large.db", CHANNELS * 10),
        ]
    growth = peaks[1] / peaks[0]
    rows.append(
        {
            "what": "peak memory of an import at 10 × the size",
            "ratio": round(growth, 2),
            "goal": "≤ 1.2 ×",
            "met": growth <= 1.2,
            "note": f"{peaks[0]:.0f} MiB, {peaks[1]:.0f} MiB",
        }
    )
    return {"name": "guide", "rows": rows}


def write_guide(path: Path, channels: int) -> Path:
    """Write a guide of so many channels, each with a week of programmes."""
    start = datetime(2026, 5, 1, tzinfo=UTC)
    times = [
        (start + timedelta(hours=n)).strftime("%Y%m%d%H%M%S +0000") for n in range(PROGRAMMES + 1)
    ]
    with path.open("w", encoding="utf-8") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<tv>\n')
        for ref in range(channels):
            file.write(f'<channel id="{ref}"><display-name>频道{ref}</display-name></channel>\n')
        for ref in range(channels):
            for n in range(PROGRAMMES):
                file.write(
                    f'<programme start="{times[n]}" stop="{times[n + 1]}" channel="{ref}">'
                    f'<title lang="zh">农业新闻第{n}期</title>'
                    f'<desc lang="zh">今天的天气、行情和田间管理，第{n}期。</desc></programme>\n'
                )
        file.write("</tv>\n")
    return path


def open_database(path: Path, channels: int) -> tuple[Any, SessionFactory, int]:
    """Make a SQLite database with a feed and all its channels."""
    engine = make_engine(f"sqlite:///{path}")
    migrate(engine)
    sessions, now = make_session_factory(engine), SystemClock().now()
    with session_scope(sessions) as session:
        session.add_all(
            Channel(
                number=number + 1,
                name=f"频道{number}",
                tvg_id=str(number),
                created_at=now,
                updated_at=now,
            )
            for number in range(channels)
        )
        feed_id = feeds.add_feed(session, name="bench", now=now).id
    return engine, sessions, feed_id


def take(sessions: SessionFactory, feed_id: int, path: Path) -> int:
    """Import a guide; return how many rows were written."""
    with path.open("rb") as stream:
        return import_xmltv(sessions, feed_id, stream, clock=SystemClock()).added


def bare(path: Path) -> None:
    """Read a file as lxml's own documentation does."""
    with path.open("rb") as stream:
        for _, element in etree.iterparse(stream):
            element.clear()


def compare(path: Path, folder: Path) -> list[dict[str, Any]]:
    """Time imports into a new database, and again into the full one, against the bare parser."""
    imports, again, parses = [], [], []
    for n in range(ROUNDS):
        engine, sessions, feed_id = open_database(folder / f"round-{n}.db", CHANNELS)
        parses.append(timed(partial(bare, path)))
        imports.append(timed(partial(take_all, sessions, feed_id, path)))
        again.append(timed(partial(take, sessions, feed_id, path)))
        engine.dispose()
    base = statistics.median(parses)
    return [
        ratio_row("XMLTV import, every row written", imports, base, "≤ 3 ×", 3),
        ratio_row("the same guide again, nothing to write", again, base, "≤ 3 ×", 3),
    ]


def take_all(sessions: SessionFactory, feed_id: int, path: Path) -> None:
    """Import a guide; less than the whole work is no measurement."""
    added = take(sessions, feed_id, path)
    if added != CHANNELS * PROGRAMMES:
        raise AssertionError(added)


def timed(work: Callable[[], object]) -> float:
    """Return the seconds a piece of work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ratio_row(what: str, times: list[float], base: float, goal: str, most: float) -> dict[str, Any]:
    """Return a row of the table: the median against the base."""
    ratio = statistics.median(times) / base
    return {
        "what": what,
        "ratio": round(ratio, 2),
        "min": round(min(times) / base, 2),
        "max": round(max(times) / base, 2),
        "goal": goal,
        "met": ratio <= most,
        "note": f"{CHANNELS * PROGRAMMES:,} programmes; bare iterparse {base * 1000:.0f} ms",
    }


def peak_mib(path: Path, database: Path, channels: int) -> float:
    """Return the peak of memory of an import in a process of its own, MiB."""
    command = [sys.executable, "-c", CHILD, str(path), str(database), str(channels)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)
