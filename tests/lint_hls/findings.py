"""The rules by their ids, and what a rule has found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["must", "should"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that is not kept, and where."""

    rule: str
    level: Level
    where: str  #: the address of the playlist or segment
    message: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.level}) {self.where}: {self.message}"


# id: (level, what it asks)
RULES: dict[str, tuple[Level, str]] = {
    "R4.1-extm3u": ("must", "#EXTM3U is the first line"),
    "R4.1-utf8": ("must", "a playlist is UTF-8"),
    "R4.1-bom": ("must", "a playlist has no byte order mark"),
    "R4-mime": ("must", "a playlist is served as application/vnd.apple.mpegurl, .ts as video/mp2t"),
    "R4.3-mixed": ("must", "tags of multivariant and media playlists are never mixed"),
    "R7-version": ("must", "EXT-X-VERSION covers what is used"),
    "A10.1": ("must", "playlists are served in gzip"),
    "A8.18": ("must", "everything answers 200 and does not redirect"),
    "R4.3.3.1-present": ("must", "TARGETDURATION is there, once, a whole number"),
    "R4.3.3.1-extinf": ("must", "no rounded EXTINF is over TARGETDURATION"),
    "R4.3.2.1": ("must", "every segment has an EXTINF"),
    "A7.5": ("should", "the target duration is about 6 s"),
    "A8.1": ("must", "EXTINF is within one frame of the real duration"),
    "A7.4": ("must", "a segment starts with an IDR picture and its parameter sets"),
    "A1.13": ("must", "an IDR picture every 2 s"),
    "A7.2": ("must", "continuity counters are continuous"),
    "A7.3": ("must", "timestamps are continuous inside a segment"),
    "A8.13": ("must", "timestamps and counters go on in the next segment unless DISCONTINUITY"),
    "A8.22": ("must", "all variants are cut at the same places"),
    "R6.2.4": ("must", "matching content of all variants has matching timestamps"),
    "A2.3": ("must", "sound is stereo AAC"),
    "A8.6-type": ("must", "PLAYLIST-TYPE is VOD"),
    "A8.6-endlist": ("must", "ENDLIST is there"),
    "R4.3.4.2": ("must", "every variant has BANDWIDTH"),
    "A9.14": ("must", "every variant has AVERAGE-BANDWIDTH"),
    "A9.1": ("must", "every variant has CODECS"),
    "A9.2": ("must", "every variant with pictures has RESOLUTION"),
    "A9.15": ("must", "every variant with pictures has FRAME-RATE"),
    "A9.1-probe": ("must", "CODECS agree with ffprobe"),
    "A9.2-probe": ("must", "RESOLUTION agrees with ffprobe"),
    "A9.15-probe": ("must", "FRAME-RATE agrees with ffprobe"),
    "A9.11": ("must", "INDEPENDENT-SEGMENTS is there"),
    "A1.26": ("must", "the measured peak is within 10 % of BANDWIDTH"),
    "A1.27": ("must", "the measured average is within 10 % of AVERAGE-BANDWIDTH"),
    "A1.30": ("should", "the peak is at most 200 % of the average"),
    "A6.1": ("must", "there is an I-FRAME-STREAM-INF when there are pictures"),
    "A6.8": ("must", "what it names is an I-FRAMES-ONLY playlist"),
    "R4.3.3.6": ("must", "each I-frame range decodes to one IDR picture"),
    "R4.3.3.6-duration": ("must", "an I-frame's EXTINF lasts to the next one"),
    "A5.3": ("must", "WebVTT segments have X-TIMESTAMP-MAP"),
    "A5.5": ("must", "subtitles last as long as the pictures"),
    "A8.10": ("must", "EXT-X-MEDIA has LANGUAGE"),
}

# What is asked of a playlist that changes, beside what concerns any playlist and segment.
LIVE_RULES: dict[str, tuple[Level, str]] = {
    "A8.11": ("must", "a live playlist has six segments at least"),
    "A8.4-present": ("must", "PROGRAM-DATE-TIME stands at the first segment and after every gap"),
    "A8.4-true": ("must", "PROGRAM-DATE-TIME is where the segment before ended"),
    "A8.4-clock": ("must", "the newest segment ended just now"),
    "A8.17": ("must", "DISCONTINUITY-SEQUENCE is there where discontinuities occur"),
    "R6.2.1-target": ("must", "TARGETDURATION never changes"),
    "R6.2.2-sequence": ("must", "MEDIA-SEQUENCE rises by exactly what was removed"),
    "R6.2.2-discontinuity": ("must", "a segment keeps its Discontinuity Sequence Number"),
    "R6.2.2-same": ("must", "the same number means the same segment, an address the same bytes"),
    "R6.2.2-fresh": ("must", "a playlist changes within 1.5 target durations"),
    "R6.2.2-removed": ("must", "a removed segment stays for its own and the playlist's duration"),
    "R4.3.3.4": ("must", "an ended playlist never changes"),
    "R4.3.3.5": ("must", "an EVENT or VOD playlist is at most appended to"),
    "R3.2": ("must", "a segment begins with PAT and PMT"),
    # hls.js 1.7 walks an array as long as this with every reload: 91 million take it 5 s.
    "X-discontinuity": ("must", "Discontinuity Sequence Numbers stay small"),
}


def finding(rule: str, where: str, message: str, *, level: Level | None = None) -> Finding:
    """Make a finding of a rule of the table; `level` is given where a rule is milder for once."""
    known = RULES.get(rule) or LIVE_RULES[rule]
    return Finding(rule, level or known[0], where, message)


def must(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that no release may have."""
    return [found for found in findings if found.level == "must"]
