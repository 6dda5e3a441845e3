"""Processor time of a process with all that it started, from /proc (Linux)."""

from __future__ import annotations

import os
from pathlib import Path


def tree_cpu_s(pid: int) -> float:
    """Return the processor seconds used by a process, its descendants and those they reaped.

    A process that ends while it is looked at counts for nothing until its parent reaps it.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        children = [
            int(child)
            for thread in Path(f"/proc/{pid}/task").iterdir()
            for child in (thread / "children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    # utime, stime, cutime, cstime: fields 14 to 17 of proc(5), two of which stand before the ")".
    mine = sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return mine + sum(tree_cpu_s(child) for child in children)
