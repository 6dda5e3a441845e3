"""What people write into the guide: programmes of their own, and corrections of a feed's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.db import is_row_id
from core.errors import ConflictError, InvalidInputError, NotFoundError
from epg.channels.tables import Channel
from epg.channels.version import touch_epg
from epg.guide.model import LONGEST_S
from epg.guide.tables import Programme
from epg.guide.xmltv import MAX_CATEGORY
from epg.noting import note_guides

_TEXTS = {"title": 200, "sub_title": 200, "summary": 5_000, "category": MAX_CATEGORY}
_SPAN = ("start_s", "stop_s")

#: Times are epoch seconds between 1970 and 2100.
_LAST_S = 4_102_444_800


def add_programme(
    session: Session,
    channel_id: int,
    *,
    start_s: int,
    stop_s: int,
    title: str,
    sub_title: str = "",
    summary: str = "",
    category: str = "",
    now: datetime,
) -> Programme:
    """Add a programme of our own; it stands before every feed's, and no import touches it.

    Args:
        session: the unit of work.
        channel_id: of the channel.
        start_s: epoch seconds.
        stop_s: likewise.
        title: what it is called.
        sub_title: of the episode.
        summary: what it is about.
        category: of the programme.
        now: the present instant.

    Raises:
        NotFoundError: there is no such channel.
        InvalidInputError: a field is unusable; `field` names it.
        ConflictError: it overlaps another that a person has written.
    """
    del now  # nothing of the row says when it was written
    channel = session.get(Channel, channel_id) if is_row_id(channel_id) else None
    if channel is None:
        raise NotFoundError("没有这个频道。", field="channel")
    if channel.kind == "loop":
        raise InvalidInputError("轮播频道的节目单由编排生成，不能手工填写。", field="channel")
    texts = {"title": title, "sub_title": sub_title, "summary": summary, "category": category}
    row = Programme(channel_id=channel_id, feed_id=None)
    _set(row, {"start_s": start_s, "stop_s": stop_s, **texts})
    _refuse_overlap(session, row)
    session.add(row)
    note_guides(session, [channel_id])
    touch_epg(session)
    session.flush()
    return row


def edit_programme(session: Session, entry_id: str, *, now: datetime, **fields: Any) -> Programme:
    """Change a programme; a feed's becomes a person's, which survives imports.

    Args:
        session: the unit of work.
        entry_id: `Entry.id`, `p<row>`.
        now: the present instant.
        fields: `start_s`, `stop_s`, `title`, `sub_title`, `summary`, `category`.

    Raises:
        NotFoundError: there is no such programme (any more).
        InvalidInputError: it is a loop channel's, or a field is unusable; `field` names it.
        ConflictError: it would overlap another that a person has written.
    """
    row = find_programme(session, entry_id)
    if row.feed_id is None:
        _set(row, fields)
        _refuse_overlap(session, row)
        note_guides(session, [row.channel_id])
        touch_epg(session)
        session.flush()
        return row
    whole = {name: getattr(row, name) for name in (*_SPAN, *_TEXTS)} | fields
    written = add_programme(session, row.channel_id, now=now, **whole)
    written.facts = row.facts
    session.flush()
    return written


def find_programme(session: Session, entry_id: str) -> Programme:
    """Return the row of an entry.

    Raises:
        NotFoundError: there is none (any more).
        InvalidInputError: it is a loop channel's.
    """
    if entry_id.startswith("l"):
        raise InvalidInputError("轮播频道的节目单由编排生成，不能改动。", field="channel")
    number = entry_id.removeprefix("p")
    usable = number.isascii() and number.isdecimal() and len(number) <= 10
    row = session.get(Programme, int(number)) if usable and is_row_id(int(number)) else None
    if row is None:
        raise NotFoundError("没有这个节目，节目单可能刚刚更新过。")
    return row


def drop_programme(session: Session, programme_id: int, *, now: datetime) -> None:
    """Remove what a person has written; what the feed says is shown again.

    Raises:
        NotFoundError: there is no such programme.
        ConflictError: it is a feed's: the next import would bring it back.
    """
    del now  # the row is gone
    row = find_programme(session, f"p{programme_id}")
    if row.feed_id is not None:
        raise ConflictError("节目源里的节目不能删除，只能更正。")
    session.delete(row)
    note_guides(session, [row.channel_id])
    touch_epg(session)
    session.flush()


def _set(row: Programme, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if name in _TEXTS:
            text = "\n".join(" ".join(line.split()) for line in str(value).strip().splitlines())
            if len(text) > _TEXTS[name]:
                raise InvalidInputError(f"最多 {_TEXTS[name]} 个字。", field=name)
            if any(ord(char) < 32 and char != "\n" for char in text):
                raise InvalidInputError("含有不能显示的字符。", field=name)
            setattr(row, name, text)
        elif name in _SPAN:
            setattr(row, name, int(value))
        else:
            raise InvalidInputError(f"节目没有 {name} 这一项。", field=name)
    if not row.title:
        raise InvalidInputError("请填写节目名称。", field="title")
    if not 0 <= row.start_s < row.stop_s <= _LAST_S:
        raise InvalidInputError("结束时间要晚于开始时间。", field="stop_s")
    if row.stop_s - row.start_s > LONGEST_S:
        raise InvalidInputError("一个节目最长 7 天。", field="stop_s")


def _refuse_overlap(session: Session, row: Programme) -> None:
    with session.no_autoflush:
        other = (
            session.query(Programme)
            .where(
                Programme.channel_id == row.channel_id,
                Programme.feed_id.is_(None),
                Programme.start_s < row.stop_s,
                Programme.stop_s > row.start_s,
                Programme.id != (row.id or 0),
            )
            .first()
        )
    if other is not None:
        raise ConflictError(f"与已填写的“{other.title}”时间重叠。", field="start_s")
