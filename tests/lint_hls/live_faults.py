"""Faults planted into what was seen of a good live channel, and every live rule's own."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from tests.lint_hls import faults as plant
from tests.lint_hls.fetching import Response
from tests.lint_hls.live_listing import Capture, Snapshot

#: From this snapshot on things are spoilt: the window has moved by then.
LATE = slice(8, None)
ALL = slice(None)
Spoil = Callable[[Capture], object]


def spoilable(capture: Capture) -> Capture:
    """Return one that can be spoiled without harm to this."""
    fetched = {url: list(replies) for url, replies in capture.fetched.items()}
    return Capture(capture.url, [copy.copy(s) for s in capture.snapshots], fetched)


def bodies(snapshots: slice, edit: Callable[[bytes], bytes]) -> Spoil:
    """Edit the text of some versions; one of them at least must change."""

    def spoil(capture: Capture) -> None:
        before = list(capture.snapshots)
        for at in range(*snapshots.indices(len(before))):
            old = before[at]
            response = replace(old.response, body=edit(old.response.body))
            capture.snapshots[at] = Snapshot(old.url, old.at_s, response)
        assert [s.response.body for s in before] != [s.response.body for s in capture.snapshots]

    return spoil


def text(snapshots: slice, old: str, new: str) -> Spoil:
    """Replace the first place of a text."""
    return bodies(snapshots, lambda body: body.replace(old.encode(), new.encode(), 1))


def without(snapshots: slice, tag: str) -> Spoil:
    """Leave out the lines of a tag."""

    def edit(body: bytes) -> bytes:
        lines = body.decode().splitlines()
        return "\n".join([*(x for x in lines if not x.startswith(tag)), ""]).encode()

    return bodies(snapshots, edit)


def number(tag: str, add: int) -> Spoil:
    """Add to a tag's number in the late versions."""

    def edit(body: bytes) -> bytes:
        lines = body.decode().splitlines()
        at = next(n for n, line in enumerate(lines) if line.startswith(tag))
        name, _, value = lines[at].partition(":")
        lines[at] = f"{name}:{int(value) + add}"
        return "\n".join([*lines, ""]).encode()

    return bodies(LATE, edit)


def keep_first(count: int) -> Spoil:
    """List only so many segments."""

    def edit(body: bytes) -> bytes:
        lines = body.decode().splitlines()
        ends = [n for n, line in enumerate(lines) if line.endswith(".ts")]
        return "\n".join([*lines[: ends[count - 1] + 1], ""]).encode()

    return bodies(ALL, edit)


def dates(snapshots: slice, seconds: int, *, place: int) -> Spoil:
    """Move a PROGRAM-DATE-TIME by whole seconds; `place` counts them from 0."""

    def edit(body: bytes) -> bytes:
        lines = body.decode().splitlines()
        found = [n for n, line in enumerate(lines) if "PROGRAM-DATE-TIME" in line]
        if len(found) <= place:
            return body
        name, _, value = lines[found[place]].partition(":")
        lines[found[place]] = f"{name}:{_moved(value, seconds)}"
        return "\n".join([*lines, ""]).encode()

    return bodies(snapshots, edit)


def _moved(value: str, seconds: int) -> str:
    moved = datetime.fromisoformat(value) + timedelta(seconds=seconds)
    return moved.isoformat(timespec="milliseconds")


def freeze(capture: Capture) -> None:
    """Let the server say the same from one moment on."""
    held = capture.snapshots[8].response
    capture.snapshots[8:] = [Snapshot(s.url, s.at_s, held) for s in capture.snapshots[8:]]


def segment(index: int, edit: Callable[[bytearray], object]) -> Spoil:
    """Edit the bytes of a segment, whenever it was asked for."""

    def spoil(capture: Capture) -> None:
        url = list(capture.fetched)[index]
        body = bytearray(capture.fetched[url][0][1].body)
        edit(body)
        replies = [(at, replace(reply, body=bytes(body))) for at, reply in capture.fetched[url]]
        assert replies != capture.fetched[url]
        capture.fetched[url] = replies

    return spoil


def missing(index: int) -> Spoil:
    """Let a segment never have been there."""

    def spoil(capture: Capture) -> None:
        url = list(capture.fetched)[index]
        capture.fetched[url] = [(at, Response(404, b"")) for at, _ in capture.fetched[url]]

    return spoil


def again(reply: Callable[[Response], Response]) -> Spoil:
    """Change what comes for the first segment when it is asked for once more."""

    def spoil(capture: Capture) -> None:
        url = next(iter(capture.fetched))
        first, (at_s, second) = capture.fetched[url]
        capture.fetched[url] = [first, (at_s, reply(second))]

    return spoil


def swap_two(capture: Capture) -> None:
    """Let two segments change places in the late versions."""

    def edit(body: bytes) -> bytes:
        lines = body.decode().splitlines()
        first, second = [n for n, line in enumerate(lines) if line.endswith(".ts")][1:3]
        lines[first], lines[second] = lines[second], lines[first]
        return "\n".join([*lines, ""]).encode()

    bodies(LATE, edit)(capture)


def without_tables(data: bytearray) -> None:
    """Turn the first PAT and PMT into stuffing."""
    for at in (0, 188, 376):
        if (data[at + 1] & 0x1F) << 8 | data[at + 2] != 0x0100:
            data[at : at + 188] = plant.NULL_PACKET


# The rule, what is spoilt in a live channel, and how.
LIVE_FAULTS: list[tuple[str, str, Spoil]] = [
    ("A8.11", "five segments", keep_first(5)),
    ("A8.4-present", "none at all", without(ALL, "#EXT-X-PROGRAM-DATE-TIME")),
    ("A8.4-present", "not a date", text(ALL, "DATE-TIME:20", "DATE-TIME:noon ")),
    ("A8.4-true", "back before the gap", dates(slice(12, None), -60, place=1)),
    ("A8.4-true", "an EXTINF too long", text(slice(12, None), "#EXTINF:2.000", "#EXTINF:9")),
    ("A8.4-clock", "an hour behind", dates(ALL, -3600, place=0)),
    ("A8.4-clock", "in the future", dates(ALL, 30, place=0)),
    ("A8.17", "no number", without(ALL, "#EXT-X-DISCONTINUITY-SEQUENCE")),
    ("R6.2.1-target", "raised", text(LATE, "DURATION:3", "DURATION:4")),
    ("R6.2.2-sequence", "one too many", number("#EXT-X-MEDIA-SEQUENCE", 1)),
    ("R6.2.2-sequence", "begins anew", number("#EXT-X-MEDIA-SEQUENCE", -1000)),
    ("R6.2.2-discontinuity", "one more", number("#EXT-X-DISCONTINUITY-SEQUENCE", 1)),
    ("R6.2.2-discontinuity", "begins anew", number("#EXT-X-DISCONTINUITY-SEQUENCE", -41)),
    ("X-discontinuity", "seconds", text(ALL, "TY-SEQUENCE:", "TY-SEQUENCE:91304")),
    ("R6.2.2-same", "two change places", swap_two),
    ("R6.2.2-same", "other EXTINF", text(LATE, "#EXTINF:2.000", "#EXTINF:2.001")),
    ("R6.2.2-same", "other bytes later", again(lambda r: replace(r, body=r.body + r.body[:188]))),
    ("R6.2.2-fresh", "stands still", freeze),
    ("R6.2.2-removed", "gone at once", again(lambda _: Response(404, b""))),
    ("R3.2", "no tables", segment(3, without_tables)),
    ("A7.4", "no IDR first", segment(3, plant.without_idr(0))),
    ("A7.2", "counter jumps", segment(3, plant.skip_counter)),
    ("A7.3", "time jumps", segment(3, plant.shift_times(9, slice(9, None)))),
    ("A8.13", "counters begin anew", segment(3, plant.shift_counters)),
    ("A8.13", "no DISCONTINUITY after the restart", text(ALL, "#EXT-X-DISCONTINUITY\n", "")),
    ("A8.1", "EXTINF too short", text(ALL, "#EXTINF:2.000", "#EXTINF:1.900")),
    ("R4.3.3.1-extinf", "over the target", text(ALL, "#EXTINF:2.000", "#EXTINF:3.600")),
    ("A8.18", "segment missing", missing(2)),
]  # fmt: skip

# The same of a list that grows from a programme's beginning.
EVENT_FAULTS: list[tuple[str, str, Spoil]] = [
    ("R4.3.3.5", "its beginning is removed", number("#EXT-X-MEDIA-SEQUENCE", 1)),
    ("R4.3.3.5", "an EXTINF changes", text(LATE, "#EXTINF:2.000", "#EXTINF:2.001")),
    ("R4.3.3.4", "changes after its end", text(slice(-1, None), "#EXTINF:2.000", "#EXTINF:2.001")),
]
