"""One channel's programmes of one feed into the database: what is the same stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select, update

from epg.guide.model import LONGEST_S
from epg.guide.schedule import Row
from epg.guide.tables import GuideFeed, Programme

#: A channel that had so many programmes and now has less than half is not believed.
FEWEST_TO_JUDGE = 10

#: Columns of a row beside its channel and feed, in the order of `epg.guide.schedule.Row`.
_COLUMNS = "start_s, stop_s, title, sub_title, summary, category, facts"

#: Ids in one DELETE; SQLite allows 32,766 parameters.
_CHUNK = 5_000


class Stored(NamedTuple):
    """What became of a channel's programmes."""

    added: int
    removed: int
    kept: int
    #: It would have lost more than half, so nothing was changed.
    shrunk: bool = False


def store_rows(
    connection: Connection,
    feed_id: int,
    channel_id: int,
    rows: Sequence[Row],
    spans: Iterable[tuple[int, int]],
    *,
    force: bool = False,
) -> Stored:
    """Make a channel's programmes of a feed those given, within the feed's stretches of time.

    Rows that are the same stay untouched, ids and all. What lies before a stretch stays; what
    runs into it is cut where the first new programme starts. The statements are the driver's
    own, and so is the transaction: feeds hold channels by the hundred, rows by the million.

    Args:
        connection: in a transaction of its own, which the caller commits.
        feed_id: whose programmes are replaced; a person's are never touched.
        channel_id: of the channel.
        rows: in order, without overlaps (`epg.guide.schedule.close_rows`); a channel of which a
            feed says nothing keeps what it has.
        spans: what the feed speaks of, epoch seconds.
        force: take a guide that has shrunk all the same.
    """
    if connection.dialect.name != "sqlite":
        # One import of a feed at a time; SQLite lets only one write as it is.
        connection.execute(select(GuideFeed.id).where(GuideFeed.id == feed_id).with_for_update())
    if any(row[6] for row in rows):
        rows = [_with_text(row) for row in rows]
    old: dict[Row, int] = {}
    running: list[int] = []
    for start_s, stop_s in spans:
        for row in _existing(connection, feed_id, channel_id, start_s, stop_s):
            if row[0] >= start_s:
                old[_with_text(row)] = row[7]
            elif rows and row[0] < rows[0][0] < row[1]:
                running.append(row[7])
    if not force and (not rows or 2 * len(rows) < len(old)):
        many = len(old) >= FEWEST_TO_JUDGE
        if many or not rows:
            return Stored(0, 0, len(old), shrunk=many)
    added = rows
    if old:
        wanted = set(rows)
        _delete(connection, [row_id for row, row_id in old.items() if row not in wanted])
        added = [row for row in rows if row not in old]
    if running:
        cut = update(Programme).where(Programme.id.in_(running))
        connection.execute(cut.values(stop_s=rows[0][0]))
    _insert(connection, feed_id, channel_id, added)
    kept = len(rows) - len(added)
    return Stored(len(added), len(old) - kept, kept)


def _with_text(row: Row) -> Row:
    return (*row[:6], _text(row[6]))


def _text(facts: Any) -> Any:
    """Return facts as the text that is stored; drivers may give either back."""
    if facts is None or isinstance(facts, str):
        return facts
    return json.dumps(facts, ensure_ascii=False, sort_keys=True)


def _marks(connection: Connection, count: int) -> str:
    return ", ".join(["?" if connection.dialect.paramstyle == "qmark" else "%s"] * count)


def _existing(
    connection: Connection, feed_id: int, channel_id: int, start_s: int, stop_s: int
) -> Sequence[Any]:
    """Return the rows that start in a stretch of time or may run into it, ids last."""
    mark = _marks(connection, 1)
    statement = (
        f"SELECT {_COLUMNS}, id FROM programme WHERE channel_id = {mark} AND feed_id = {mark} "  # noqa: S608
        f"AND start_s > {mark} AND start_s < {mark}"
    )
    values = (channel_id, feed_id, start_s - LONGEST_S, stop_s)
    return connection.exec_driver_sql(statement, values).fetchall()


def _delete(connection: Connection, ids: Sequence[int]) -> None:
    for at in range(0, len(ids), _CHUNK):
        connection.execute(delete(Programme).where(Programme.id.in_(ids[at : at + _CHUNK])))


def _insert(connection: Connection, feed_id: int, channel_id: int, rows: Sequence[Row]) -> None:
    if rows:
        statement = (
            f"INSERT INTO programme (channel_id, feed_id, {_COLUMNS}) "  # noqa: S608
            f"VALUES ({channel_id:d}, {feed_id:d}, {_marks(connection, 7)})"
        )
        connection.exec_driver_sql(statement, list(rows))
