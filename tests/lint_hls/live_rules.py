"""Rules about a playlist that changes: what one version of it promises about the next."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from tests.lint_hls.findings import Finding, finding
from tests.lint_hls.live_listing import Capture, Listed, Snapshot

LEAST_SEGMENTS = 6
#: A box walks through so many numbers in a few milliseconds.
MOST_DISCONTINUITIES = 100_000
#: A frame, in s: where sound is longer than pictures (a film that begins anew), the next picture
#: comes so much later than the last one ended.
PDT_SLACK_S = 0.042
FRESH = 1.5  #: × the target duration (RFC 8216 §6.2.2)


def window_rules(snapshot: Snapshot) -> Iterator[Finding]:
    """Look at one version of a live playlist."""
    where = f"{snapshot.url} at {snapshot.at_s:.1f}"
    if not snapshot.kind and not snapshot.ended and len(snapshot.entries) < LEAST_SEGMENTS:
        yield finding("A8.11", where, f"{len(snapshot.entries)} segments")
    if not snapshot.playlist.has("EXT-X-DISCONTINUITY-SEQUENCE") and any(
        entry.discontinuity for entry in snapshot.entries
    ):
        yield finding("A8.17", where, "EXT-X-DISCONTINUITY without a number of the first")
    if snapshot.entries and snapshot.entries[0].stated_s is None:
        yield finding("A8.4-present", where, "the first segment has no PROGRAM-DATE-TIME")
    if snapshot.entries and snapshot.entries[-1].discontinuity_number > MOST_DISCONTINUITIES:
        number = snapshot.entries[-1].discontinuity_number
        yield finding("X-discontinuity", snapshot.url, f"discontinuity number {number}")
    yield from _instants(snapshot, where)


def _instants(snapshot: Snapshot, where: str) -> Iterator[Finding]:
    """Compare what is stated with what follows from the entry before."""
    for before, after in pairwise(snapshot.entries):
        if after.discontinuity and after.stated_s is None:
            yield finding("A8.4-present", where, f"none after the gap before {after.number}")
        if before.ends_s is None or after.stated_s is None:
            continue
        off_s = after.stated_s - before.ends_s
        if off_s < -PDT_SLACK_S or (off_s > PDT_SLACK_S and not after.discontinuity):
            message = f"{after.number} starts {off_s:+.3f} s from the end of the one before"
            yield finding("A8.4-true", where, message)


def clock_rules(capture: Capture, behind_s: float, ahead_s: float) -> Iterator[Finding]:
    """Compare the newest segment's end with the clock (A8.4).

    Args:
        behind_s: how far it may lie behind the instant of the request, in s.
        ahead_s: how far it may lie ahead.
    """
    for snapshot in capture.snapshots:
        newest = snapshot.entries[-1].ends_s if snapshot.entries else None
        if newest is None or snapshot.ended:
            continue
        lag_s = snapshot.at_s - newest
        if not -ahead_s <= lag_s <= behind_s:
            where = f"{snapshot.url} at {snapshot.at_s:.1f}"
            yield finding("A8.4-clock", where, f"the newest segment ended {lag_s:.2f} s ago")


def change_rules(before: Snapshot, after: Snapshot) -> Iterator[Finding]:
    """Compare two versions of a playlist, one after the other."""
    where = f"{after.url} at {after.at_s:.1f}"
    if before.target_s != after.target_s:
        message = f"TARGETDURATION {before.target_s}, then {after.target_s}"
        yield finding("R6.2.1-target", where, message)
    if before.ended and before.response.body != after.response.body:
        yield finding("R4.3.3.4", where, "changed after ENDLIST")
        return
    if before.kind:
        yield from _only_grows(before, after, where)
    yield from _sequence(before, after, where)
    yield from _same_entries(before, after, where)


def _only_grows(before: Snapshot, after: Snapshot, where: str) -> Iterator[Finding]:
    old = [line for line in before.playlist.lines if line.strip()]
    if after.playlist.lines[: len(old)] != old:
        yield finding("R4.3.3.5", where, f"a playlist of type {before.kind} did more than grow")


def _sequence(before: Snapshot, after: Snapshot, where: str) -> Iterator[Finding]:
    """Ask that both numbers rise by exactly what was removed (RFC 8216 §6.2.2)."""
    if not before.entries or not after.entries:
        return
    kept = {entry.url for entry in after.entries}
    gone = [entry for entry in before.entries if entry.url not in kept]
    first, then = before.entries[0].number, after.entries[0].number
    if then - first != len(gone) and len(gone) < len(before.entries):
        message = f"MEDIA-SEQUENCE {first} → {then}, but {len(gone)} removed"
        yield finding("R6.2.2-sequence", where, message)
    elif then < first or (len(gone) == len(before.entries) and then < first + len(gone)):
        yield finding("R6.2.2-sequence", where, f"MEDIA-SEQUENCE {first} → {then}")
    yield from _discontinuities(before, after, where)


def _discontinuities(before: Snapshot, after: Snapshot, where: str) -> Iterator[Finding]:
    """Ask that a segment keeps its Discontinuity Sequence Number, which must not fall."""
    numbers = {entry.url: entry.discontinuity_number for entry in before.entries}
    for entry in after.entries:
        if numbers.get(entry.url, entry.discontinuity_number) != entry.discontinuity_number:
            old, new = numbers[entry.url], entry.discontinuity_number
            message = f"segment {entry.number}: discontinuity {old}, then {new}"
            yield finding("R6.2.2-discontinuity", where, message)
            return
    if max(numbers.values(), default=0) > after.entries[-1].discontinuity_number:
        yield finding("R6.2.2-discontinuity", where, "the newest segment's number fell")


def _same_entries(before: Snapshot, after: Snapshot, where: str) -> Iterator[Finding]:
    """Ask that a number means the same segment for ever."""
    old = {entry.number: entry for entry in before.entries}
    for entry in after.entries:
        known = old.get(entry.number)
        if known is not None and _identity(known) != _identity(entry):
            yield finding("R6.2.2-same", where, f"number {entry.number} was {known.url}")


def _identity(entry: Listed) -> tuple[str, float, bool]:
    return entry.url, entry.extinf_s, entry.discontinuity


def freshness(capture: Capture) -> Iterator[Finding]:
    """Ask that a playlist that has not ended changes within 1.5 target durations."""
    since = capture.snapshots[0] if capture.snapshots else None
    for snapshot in capture.snapshots[1:]:
        assert since is not None
        if snapshot.response.body != since.response.body or snapshot.ended:
            since = snapshot
            continue
        stood_s = snapshot.at_s - since.at_s
        if stood_s > FRESH * (snapshot.target_s or 0):
            where = f"{snapshot.url} at {snapshot.at_s:.1f}"
            yield finding("R6.2.2-fresh", where, f"unchanged for {stood_s:.1f} s")
            return


def fetch_rules(capture: Capture) -> Iterator[Finding]:
    """Ask for the same bytes always, and for what was removed as long as it may be played."""
    removed = _removed_at(capture)
    for url, replies in capture.fetched.items():
        bodies = {reply.body for _, reply in replies if reply.status == 200}
        if len(bodies) > 1:
            yield finding("R6.2.2-same", url, "other bytes at the same address")
        for at_s, reply in replies:
            gone_s, keep_s = removed.get(url, (at_s, 0.0))
            if reply.status != 200 and gone_s < at_s <= gone_s + keep_s:
                message = f"{reply.status}, {at_s - gone_s:.1f} s after it was removed"
                yield finding("R6.2.2-removed", url, message)


def _removed_at(capture: Capture) -> dict[str, tuple[float, float]]:
    """Return when each removed segment was gone, and how long it must be there after that."""
    found: dict[str, tuple[float, float]] = {}
    for before, after in pairwise(capture.snapshots):
        kept = {entry.url for entry in after.entries}
        for entry in before.entries:
            if entry.url not in kept:
                found[entry.url] = (before.at_s, entry.extinf_s + before.duration_s)
    return found
