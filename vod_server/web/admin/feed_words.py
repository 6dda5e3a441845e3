"""How the admin tells of feeds, of what an import brought, and of likely matches. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from epg.channels.tables import Channel
from epg.guide.names import plain_name
from epg.guide.report import ImportReport
from epg.guide.tables import GuideChannel

#: How often a feed may be asked, by seconds.
EVERY = {
    "900": "每 15 分钟",
    "3600": "每小时",
    "10800": "每 3 小时",
    "21600": "每 6 小时",
    "43200": "每 12 小时",
    "86400": "每天",
    "604800": "每周",
}

MATCHED_BY = {
    "id": "标识相同",
    "name": "名称相同",
    "person": "人工选定",
    "none": "不是本县的",
    "": "没有对上",
}

#: Names less alike than this are no suggestion.
ALIKE = 0.55


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One of our channels that a feed's channel may be, and how alike their names are (0 to 1)."""

    channel: Channel
    likeness: float


def suggestions(
    theirs: GuideChannel, ours: Sequence[Channel], *, most: int = 3
) -> list[Suggestion]:
    """Return the channels whose names are most like a feed's channel's, best first."""
    names = [plain_name(name) or name for name in (*theirs.names, theirs.ref) if name]
    found = []
    for channel in ours:
        own = [plain_name(name) or name for name in (channel.name, *channel.names) if name]
        best = max((_likeness(a, b) for a in names for b in own), default=0.0)
        if best >= ALIKE:
            found.append(Suggestion(channel, best))
    return sorted(found, key=lambda one: (-one.likeness, one.channel.number))[:most]


def _likeness(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    # The cheap upper bound first: most pairs have nothing in common.
    return matcher.ratio() if matcher.real_quick_ratio() >= ALIKE else 0.0


def report_words(report: ImportReport) -> list[str]:
    """Return what an import brought, a sentence a line."""
    told = [
        f"文件里有 {report.channels} 个频道、{report.programmes} 条节目，"
        f"对上本县的 {report.matched} 个频道。",
        f"新增 {report.added} 条，删去 {report.removed} 条，{report.unchanged} 条没有变化。",
    ]
    if report.doubles or report.mended:
        told.append(f"重复的 {report.doubles} 条已合并，补上或改正时间 {report.mended} 条。")
    if report.junk:
        told.append(f"有 {report.junk} 处不能用，已跳过。")
    told += [f"{name} 的节目少了一半以上，保留原来的。" for name in report.shrunk[:5]]
    return told
