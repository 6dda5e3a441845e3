"""Programmes of one feed into the database: what is the same stays as it is.

The statements are the driver's own: feeds hold channels by the hundred, rows by the million, and
SQLAlchemy's way to a row costs more than the row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from epg.guide.model import LONGEST_S
from epg.guide.schedule import Row
from epg.guide.tables import GuideFeed
from epg.noting import note_guides

#: A channel that had so many programmes and now has less than half is not believed.
FEWEST_TO_JUDGE = 10

#: Channels are written together until they have so many rows: docs/decisions/0007.
ROWS_A_TRANSACTION = 2_000

#: Columns of a row beside its channel and feed, in the order of `epg.guide.schedule.Row`.
_TEXTS = "start_s, stop_s, title, sub_title, summary, category"
_COLUMNS = f"{_TEXTS}, facts"

#: Rows in one INSERT: a statement each costs SQLite a third more, PostgreSQL several times.
_ROWS_A_STATEMENT = 100

#: Ids in one DELETE; SQLite allows 32,766 parameters.
_CHUNK = 5_000


class Goal(NamedTuple):
    """What a feed says of one of our channels.

    `rows` are in order, without overlaps (`epg.guide.schedule.close_rows`).
    """

    ref: str
    channel_id: int
    rows: Sequence[Row]


class Stored(NamedTuple):
    """What became of a channel's programmes."""

    added: int
    removed: int
    kept: int
    #: It would have lost more than half, so nothing was changed.
    shrunk: bool = False


def batches(goals: Iterable[Goal]) -> Iterator[list[Goal]]:
    """Put channels together that are written in one transaction."""
    batch: list[Goal] = []
    count = 0
    for goal in goals:
        if batch and count + len(goal.rows) > ROWS_A_TRANSACTION:
            yield batch
            batch, count = [], 0
        batch.append(goal)
        count += len(goal.rows) + 1  # one that has none is looked at too
    if batch:
        yield batch


def store(
    connection: Connection,
    feed_id: int,
    goals: Sequence[Goal],
    spans: Sequence[tuple[int, int]],
    *,
    force: bool = False,
) -> list[Stored]:
    """Make channels' programmes of a feed those given, within the feed's stretches of time.

    Rows that are the same stay untouched, ids and all. What lies before a stretch stays; what
    runs into it is cut where the first new programme starts. A channel of which a feed says
    nothing keeps what it has.

    Args:
        connection: in a transaction of its own, which the caller commits.
        feed_id: whose programmes are replaced; a person's are never touched.
        goals: channels, each once.
        spans: what the feed speaks of, epoch seconds.
        force: take a guide that has shrunk all the same.
    """
    if connection.dialect.name != "sqlite":
        # One import of a feed at a time; SQLite lets only one write as it is.
        connection.execute(select(GuideFeed.id).where(GuideFeed.id == feed_id).with_for_update())
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    with closing(connection.connection.cursor()) as cursor:
        storing = _Storing(cursor, mark, feed_id, spans, force=force)
        stored = [storing.store(goal) for goal in goals]
        storing.insert()
    changed = zip(goals, stored, strict=True)
    note_guides(connection, [goal.channel_id for goal, one in changed if one.added or one.removed])
    return stored


class _Storing:
    """One transaction's work."""

    def __init__(
        self,
        cursor: Any,
        mark: str,
        feed_id: int,
        spans: Sequence[tuple[int, int]],
        *,
        force: bool,
    ) -> None:
        self._cursor, self._mark, self._feed_id, self._force = cursor, mark, feed_id, force
        self._spans = spans
        #: Rows to be inserted: of all channels together, channel first.
        self._added: list[tuple[Any, ...]] = []

    def store(self, goal: Goal) -> Stored:
        """Delete and cut what a channel is to lose; note what it is to get."""
        rows, channel_id = goal.rows, goal.channel_id
        if any(map(itemgetter(6), rows)):
            rows = [_with_text(row) for row in rows]
        told, running = self._existing(channel_id, rows[0][0] if rows else 0)
        if not self._force and (not rows or 2 * len(rows) < len(told)):
            many = len(told) >= FEWEST_TO_JUDGE
            if many or not rows:
                return Stored(0, 0, len(told), shrunk=many)
        added: Sequence[Row] = rows
        gone: list[int] = []
        if [row[:7] for row in told] == rows:
            added = ()  # as on most days with most channels
        elif told:
            old, wanted = {row[:7] for row in told}, set(rows)
            gone = [row[7] for row in told if row[:7] not in wanted]
            added = [row for row in rows if row not in old]
        self._delete(gone)
        if rows:
            self._cut(running, rows[0][0])
        self._added += [(channel_id, *row) for row in added]
        return Stored(len(added), len(gone), len(rows) - len(added))

    def _existing(self, channel_id: int, first_s: int) -> tuple[list[Any], list[int]]:
        """Return the rows there are, ids last, and the ids of what runs into the first new."""
        mark = self._mark
        statement = (
            # Facts as the text they are stored as: some drivers would take it apart.
            f"SELECT {_TEXTS}, CAST(facts AS TEXT), id FROM programme "  # noqa: S608
            f"WHERE channel_id = {mark} AND feed_id = {mark} "
            f"AND start_s > {mark} AND start_s < {mark} ORDER BY start_s"
        )
        told: list[Any] = []
        running: list[int] = []
        for start_s, stop_s in self._spans:
            values = (channel_id, self._feed_id, start_s - LONGEST_S, stop_s)
            self._cursor.execute(statement, values)
            for row in self._cursor.fetchall():
                if row[0] >= start_s:
                    told.append(row)
                elif row[0] < first_s < row[1]:
                    running.append(row[7])
        return told, running

    def _delete(self, ids: Sequence[int]) -> None:
        for at in range(0, len(ids), _CHUNK):
            few = ids[at : at + _CHUNK]
            marks = ", ".join([self._mark] * len(few))
            self._cursor.execute(f"DELETE FROM programme WHERE id IN ({marks})", few)  # noqa: S608

    def _cut(self, ids: Sequence[int], stop_s: int) -> None:
        for row_id in ids:
            statement = f"UPDATE programme SET stop_s = {self._mark} WHERE id = {self._mark}"  # noqa: S608
            self._cursor.execute(statement, (stop_s, row_id))

    def insert(self) -> None:
        """Insert what was noted."""
        marks = ", ".join([self._mark] * 8)
        values = f"({self._feed_id:d}, {marks})"
        for at in range(0, len(self._added), _ROWS_A_STATEMENT):
            rows = self._added[at : at + _ROWS_A_STATEMENT]
            statement = (
                f"INSERT INTO programme (feed_id, channel_id, {_COLUMNS}) "  # noqa: S608
                f"VALUES {', '.join([values] * len(rows))}"
            )
            self._cursor.execute(statement, [*chain.from_iterable(rows)])


def _with_text(row: Row) -> Row:
    """Return a row with its facts as the text that is stored."""
    facts = row[6]
    if facts is None:
        return row
    return (*row[:6], json.dumps(facts, ensure_ascii=False, sort_keys=True))
