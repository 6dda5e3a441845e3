"""Importing a guide against a bare lxml `iterparse` of the same file; memory at 10 × the size.

What is compared is processor time, which suffers less from what else the machine does; the time
on the clock is told beside. The bare parser runs twice a round: how far it is from itself is the
noise. Imports are those of a process that has imported before, as the worker's are.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

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
ROUNDS = 7

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
            "unit": "×",
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


class Cost(NamedTuple):
    """Seconds a piece of work took."""

    wall: float
    cpu: float


def compare(path: Path, folder: Path) -> list[dict[str, Any]]:
    """Measure imports of a new feed, and of the same guide again, against the bare parser."""
    engine, sessions, feed_id = open_database(folder / "compare.db", CHANNELS)
    take_all(sessions, feed_id, path)
    bare_costs, imports, again, controls = [], [], [], []
    for n in range(ROUNDS):
        feed_id = exchange_feed(sessions, feed_id, f"bench {n}")
        bare_costs.append(cost_of(partial(bare, path)))
        imports.append(cost_of(partial(take_all, sessions, feed_id, path)))
        controls.append(cost_of(partial(bare, path)))
        again.append(cost_of(partial(take, sessions, feed_id, path)))
    engine.dispose()
    return [
        *ratio_rows("XMLTV import, every row written", imports, bare_costs, "≤ 3 ×", 3),
        *ratio_rows("the same guide again, nothing to write", again, bare_costs, "≤ 3 ×", 3),
        ratio_row("control: bare iterparse ÷ itself, CPU", cpu(controls), cpu(bare_costs)),
    ]


def exchange_feed(sessions: SessionFactory, feed_id: int, name: str) -> int:
    """Delete a feed and all its programmes, and add another; return its id."""
    now = SystemClock().now()
    with session_scope(sessions) as session:
        feeds.delete_feed(session, feed_id, now=now)
        return feeds.add_feed(session, name=name, now=now).id


def take_all(sessions: SessionFactory, feed_id: int, path: Path) -> None:
    """Import a guide; less than the whole work is no measurement."""
    added = take(sessions, feed_id, path)
    if added != CHANNELS * PROGRAMMES:
        raise AssertionError(added)


def cost_of(work: Callable[[], object]) -> Cost:
    """Return what a piece of work costs."""
    started, before = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - started, time.process_time() - before)


def cpu(costs: Sequence[Cost]) -> list[float]:
    """Return the seconds of processor."""
    return [cost.cpu for cost in costs]


def ratio_rows(
    what: str, costs: Sequence[Cost], base: Sequence[Cost], goal: str, most: float
) -> list[dict[str, Any]]:
    """Return the rows of processor time, which has the goal, and of time on the clock."""
    row = ratio_row(f"{what} ÷ bare iterparse, CPU", cpu(costs), cpu(base))
    row |= {"goal": goal, "met": row["ratio"] <= most}
    walls = [cost.wall for cost in costs], [cost.wall for cost in base]
    return [row, ratio_row(f"{what}, wall", *walls)]


def ratio_row(what: str, times: Sequence[float], base: Sequence[float]) -> dict[str, Any]:
    """Return a row of the table: median against median."""
    middle, mine = statistics.median(base), statistics.median(times)
    return {
        "what": what,
        "ratio": round(mine / middle, 2),
        "min": round(min(times) / middle, 2),
        "max": round(max(times) / middle, 2),
        "unit": "×",
        "note": f"{CHANNELS * PROGRAMMES:,} programmes: "
        f"{mine * 1000:.0f} against {middle * 1000:.0f} ms",
    }


def peak_mib(path: Path, database: Path, channels: int) -> float:
    """Return the peak of memory of an import in a process of its own, MiB."""
    command = [sys.executable, "-c", CHILD, str(path), str(database), str(channels)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)
