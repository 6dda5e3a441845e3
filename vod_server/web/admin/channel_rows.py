"""The rows of a channel's page that are put in order by hand: sources, titles of a loop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.titles.listing import playable_ids
from catalog.titles.tables import Title
from core.errors import InvalidInputError
from epg.channels.model import MAX_SOURCES, SourceSpec, check_source, masked_url
from epg.channels.tables import Channel
from vod_server.web.admin.channel_forms import clean
from vod_server.web.admin.channel_words import SOURCE_KINDS, SOURCE_MODES


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as the form shows it; `error` is what is wrong with it."""

    kind: str
    url: str
    mode: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class LoopRow:
    """A title of a loop as the form shows it; `fault` says why it cannot play now."""

    title_id: int
    name: str
    category: str
    duration_s: float
    fault: str = ""


def source_rows(channel: Channel) -> list[SourceRow]:
    """Return the rows of a channel's sources."""
    return [SourceRow(one.kind, one.url, one.mode) for one in channel.sources]


def masked_rows(channel: Channel) -> list[SourceRow]:
    """Return the rows as those see them who may only look: without passwords and tokens."""
    return [SourceRow(one.kind, masked_url(one.url), one.mode) for one in channel.sources]


def read_sources(
    kinds: Sequence[str], urls: Sequence[str], modes: Sequence[str]
) -> tuple[list[SourceRow], list[SourceSpec]]:
    """Read the form's parallel lists.

    Returns:
        the rows as typed, each with its fault, and the sources they mean where there is none.

    Raises:
        InvalidInputError: the lists do not fit together, or there are too many rows.
    """
    if not len(kinds) == len(urls) == len(modes):
        raise InvalidInputError("表单不完整，请刷新页面再试。", field="sources")
    if len(kinds) > MAX_SOURCES:
        raise InvalidInputError(f"一个频道最多 {MAX_SOURCES} 个信号源。", field="sources")
    rows = [
        _checked(kind, clean(url), mode) for kind, url, mode in zip(kinds, urls, modes, strict=True)
    ]
    return rows, [SourceSpec(row.kind, row.url, row.mode) for row in rows if not row.error]


def source_fault(kind: str, url: str) -> str:
    """Return what is wrong with a source's address, empty when nothing is."""
    if kind not in SOURCE_KINDS:
        return "请从列表里选择信号源的类型。"
    try:
        check_source(kind, url)
    except InvalidInputError as error:
        return error.message
    return ""


def _checked(kind: str, url: str, mode: str) -> SourceRow:
    error = source_fault(kind, url)
    if not error and mode not in SOURCE_MODES:
        error = "请从列表里选择处理方式。"
    return SourceRow(kind, url if error else check_source(kind, url), mode, error)


def loop_rows(session: Session, channel: Channel) -> list[LoopRow]:
    """Return the rows of a loop channel's titles, in their order; empty for other channels."""
    if channel.kind != "loop":
        return []
    return title_rows(session, [item.title_id for item in channel.loop])


def title_rows(session: Session, ids: Sequence[int]) -> list[LoopRow]:
    """Return a row for each id, in the order given; the same title may come again."""
    found = session.scalars(select(Title).where(Title.id.in_(set(ids))))
    rows = {row.title_id: row for row in rows_of_titles(session, found)}
    return [rows[one] for one in ids if one in rows]


def rows_of_titles(session: Session, titles: Iterable[Title]) -> list[LoopRow]:
    """Return the rows of titles."""
    listed = list(titles)
    playable = playable_ids(session, (title.id for title in listed))
    return [
        LoopRow(
            title.id,
            title.name,
            title.category.name if title.category else "未分类",
            title.duration_s or 0.0,
            _title_fault(title, playable),
        )
        for title in listed
    ]


def _title_fault(title: Title, playable: frozenset[int]) -> str:
    if title.state != "published":
        return "还没有发布，轮到它时会跳过。"
    return "" if title.id in playable else "还没有转好的画面，轮到它时会跳过。"
