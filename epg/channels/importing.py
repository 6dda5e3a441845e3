"""Take an M3U list in: new channels, changed ones, further sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from core.errors import CuntaiError, InvalidInputError
from epg.channels import service
from epg.channels.exporting import DIRECTIVES
from epg.channels.import_report import ImportReport, LineResult, Outcome
from epg.channels.m3u import Entry, parse_m3u, without
from epg.channels.model import (
    MAX_NUMBER,
    MAX_SOURCES,
    SourceSpec,
    check_source,
    clean_fields,
    guess_kind,
)
from epg.channels.naming import guess_level
from epg.channels.reading import list_channels
from epg.channels.tables import Channel

#: Attributes that become fields of a channel; everything else is kept beside them.
_ID = ("tvg-id",)
_NUMBERS = ("tvg-chno", "ch-number", "channel-number")
_FIELDS = (*_ID, "tvg-logo", "group-title", "radio", "tvg-name")

_TRUE = frozenset({"1", "true", "yes"})


@dataclass(slots=True)
class _Wanted:
    """A channel as the list has it: its first entry, and the sources of all of its entries."""

    entry: Entry
    name: str
    tvg_id: str
    sources: list[SourceSpec]
    results: list[LineResult] = field(default_factory=list)


def import_m3u(session: Session, text: str, *, now: datetime, wanted: bool) -> ImportReport:
    """Take a list in; no address is contacted.

    Entries of one `tvg-id` and name are one channel with several sources. A channel that is here
    already under both is brought up to date; whether it is on air, its places and its retention
    stay. A number that is taken is left to its owner: the channel gets the next free one.

    Args:
        session: the unit of work.
        text: the list.
        now: the present instant.
        wanted: whether its channels shall be on air; False leaves those that are as they are.

    Raises:
        InvalidInputError: it is no such list.
    """
    report = ImportReport()
    found = _gather(parse_m3u(text).entries, report)
    ours = list_channels(session)
    known = {(channel.tvg_id, channel.name): channel for channel in reversed(ours)}
    taken = {channel.number for channel in ours}
    reserved = {number for one in found if (number := _number(one.entry)) is not None}
    for one in found:
        channel = known.get((one.tvg_id, one.name))
        try:
            if channel is None:
                number = _free_number(_number(one.entry), taken, reserved)
                result = _create(session, one, number, now=now, wanted=wanted)
                taken.add(number)
            else:
                result = _update(session, channel, one, now=now, wanted=wanted)
        except CuntaiError as error:
            result = LineResult(one.entry.line, "refused", one.name, None, error.message)
        report.results.append(result)
        further = result.channel_id is not None
        report.results += [
            LineResult(r.line, r.outcome if further else "refused", r.name, result.channel_id)
            for r in one.results
        ]
    report.results.sort(key=lambda result: result.line)
    return report


def _gather(entries: Iterable[Entry], report: ImportReport) -> list[_Wanted]:
    """Bring the entries of one channel together; what is unusable is reported."""
    found: dict[tuple[str, str], _Wanted] = {}
    for entry in entries:
        name = entry.name or entry.first("tvg-name")
        try:
            fields = clean_fields({"name": name, "tvg_id": entry.first(*_ID)})
            source = _source(entry)
        except InvalidInputError as error:
            report.results.append(LineResult(entry.line, "refused", name, None, error.message))
            continue
        key = (fields["tvg_id"], fields["name"])
        if key not in found:
            found[key] = _Wanted(entry, fields["name"], fields["tvg_id"], [source])
        elif source in found[key].sources:
            found[key].results.append(LineResult(entry.line, "same", name))
        elif len(found[key].sources) >= MAX_SOURCES:
            words = f"一个频道最多 {MAX_SOURCES} 个信号源。"
            report.results.append(LineResult(entry.line, "refused", name, None, words))
        else:
            found[key].sources.append(source)
            found[key].results.append(LineResult(entry.line, "source", name))
    return list(found.values())


def _source(entry: Entry) -> SourceSpec:
    if not entry.url:
        raise InvalidInputError("#EXTINF 后面没有地址。", field="url")
    kind = guess_kind(entry.url)
    return SourceSpec(kind, check_source(kind, entry.url))


def _number(entry: Entry) -> int | None:
    text = entry.first(*_NUMBERS)
    if text.isascii() and text.isdecimal() and len(text) <= 6 and 1 <= int(text) <= MAX_NUMBER:
        return int(text)
    return None


def _free_number(asked: int | None, taken: set[int], reserved: set[int]) -> int:
    """Return the number asked for where it is free, else the next that nobody has or asks for."""
    if asked is not None and asked not in taken:
        return asked
    used = taken | reserved
    after = max(used, default=0) + 1
    candidates = (*range(after, MAX_NUMBER + 1), *range(1, MAX_NUMBER + 1))
    for unwanted in (used, taken):
        free: int = next((number for number in candidates if number not in unwanted), 0)
        if free:
            return free
    raise InvalidInputError("频道号已经用完。", field="number")


def _fields(one: _Wanted) -> dict[str, Any]:
    """Return what the list says of a channel, but for its number."""
    entry = one.entry
    logo, group = entry.first("tvg-logo"), entry.group
    other_name = entry.first("tvg-name")
    return clean_fields(
        {
            "logo": logo,
            "group_title": group,
            "radio": entry.first("radio").lower() in _TRUE,
            "names": [other_name] if other_name and other_name != one.name else [],
            "attributes": _kept(entry, has_group=bool(entry.first("group-title"))),
        }
    )


def _kept(entry: Entry, *, has_group: bool) -> dict[str, Any]:
    attributes: dict[str, Any] = without(entry.attributes, _FIELDS)
    if _number(entry) is not None:
        # Another number beside ours is theirs; so is one such as `5-1`.
        asked = entry.first(*_NUMBERS)
        same = [n for n, v in attributes.items() if n.lower() in _NUMBERS and v.strip() == asked]
        attributes = without(attributes, (name.lower() for name in same))
    # A group that stands in #EXTGRP alone has become the channel's; the other lines stay.
    directives = [d for d in entry.directives if has_group or not d.startswith("#EXTGRP:")]
    if directives:
        attributes[DIRECTIVES] = directives
    return attributes


def _create(
    session: Session, one: _Wanted, number: int, *, now: datetime, wanted: bool
) -> LineResult:
    fields = _fields(one)
    asked = _number(one.entry)
    if asked is not None and asked != number:
        fields["attributes"]["channel-number"] = str(asked)
    channel = service.create_channel(
        session,
        name=one.name,
        number=number,
        now=now,
        tvg_id=one.tvg_id,
        wanted=wanted,
        level=guess_level(one.name, fields["group_title"]),
        **fields,
    )
    service.set_sources(session, channel, one.sources, now=now)
    words = f"频道号 {asked} 已被占用，改用 {number}。" if asked and asked != number else ""
    return LineResult(one.entry.line, "new", one.name, channel.id, words)


def _update(
    session: Session, channel: Channel, one: _Wanted, *, now: datetime, wanted: bool
) -> LineResult:
    fields = _fields(one)
    # A person may have added more names.
    fields["names"] = list(dict.fromkeys([*fields["names"], *channel.names]))
    changes = {name: value for name, value in fields.items() if getattr(channel, name) != value}
    asked = _number(one.entry)
    if "attributes" in changes and asked is not None and asked != channel.number:
        # The number it could not have is no change of what the list says.
        kept = {**changes["attributes"], "channel-number": str(asked)}
        changes["attributes"] = kept
        if kept == channel.attributes:
            del changes["attributes"]
    if wanted and not channel.wanted:
        changes["wanted"] = True
    if changes:
        service.edit_channel(session, channel, now=now, **changes)
    # What is played out, or comes by another way, has no address a list could know better.
    replaces = channel.kind != "loop" and _new_addresses(channel, one.sources)
    if replaces:
        service.set_sources(session, channel, _with_modes(channel, one.sources), now=now)
    outcome: Outcome = "changed" if changes or replaces else "same"
    return LineResult(one.entry.line, outcome, one.name, channel.id)


def _new_addresses(channel: Channel, sources: Sequence[SourceSpec]) -> bool:
    return [(s.kind, s.url) for s in channel.sources] != [(s.kind, s.url) for s in sources]


def _with_modes(channel: Channel, sources: Sequence[SourceSpec]) -> list[SourceSpec]:
    """Return the sources with the mode a person chose for those that are here already."""
    modes = {(source.kind, source.url): source.mode for source in channel.sources}
    return [SourceSpec(s.kind, s.url, modes.get((s.kind, s.url), s.mode)) for s in sources]
