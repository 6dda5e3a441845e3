"""What is known of a source file: values, with their JSON form. Pure."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

#: Transfer functions that need tone mapping on an ordinary television (ITU-R BT.2100).
HDR_TRANSFERS = frozenset({"smpte2084", "arib-std-b67"})


@dataclasses.dataclass(frozen=True, slots=True)
class Video:
    """The picture stream that is used."""

    index: int  #: of the stream in the file
    codec: str
    profile: str
    level: int  #: as ffprobe gives it: 31 is level 3.1
    coded_width: int
    coded_height: int
    width: int  #: as it is looked at: after sample aspect ratio and rotation
    height: int
    rotation: int  #: clockwise, 0, 90, 180 or 270
    sar: Fraction
    frame_rate: Fraction  #: average
    nominal_rate: Fraction  #: what the container says is the finest; equal to the average when CFR
    vfr: bool
    pix_fmt: str
    bit_depth: int
    interlaced: bool
    color_range: str
    color_transfer: str
    color_primaries: str
    color_space: str
    bit_rate_bps: int | None
    start_s: float  #: first presentation time, from the start of the file
    end_s: float  #: end of the last picture, from the start of the file
    max_keyframe_gap_s: float | None  #: longest seen (the file is sampled), None when unknown
    starts_with_keyframe: bool

    @property
    def hdr(self) -> bool:
        """Tell whether the picture is PQ or HLG."""
        return self.color_transfer in HDR_TRANSFERS


@dataclasses.dataclass(frozen=True, slots=True)
class Audio:
    """The sound stream that is used."""

    index: int
    codec: str
    profile: str
    channels: int
    layout: str
    sample_rate: int
    bit_rate_bps: int | None
    start_s: float
    end_s: float


@dataclasses.dataclass(frozen=True, slots=True)
class Probe:
    """A source file: at least one of `video` and `audio` is there."""

    container: str
    duration_s: float
    size_bytes: int
    video: Video | None
    audio: Audio | None

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-ready dictionary that `from_json` reads back; ratios as `30000/1001`."""
        return dataclasses.asdict(self, dict_factory=_plain)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Probe:
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: the dictionary is not one of `to_json`'s.
        """
        video, audio = value["video"], value["audio"]
        if video is not None:
            ratios = {name: Fraction(video[name]) for name in ("sar", "frame_rate", "nominal_rate")}
            video = Video(**{**video, **ratios})
        return cls(**{**value, "video": video, "audio": audio and Audio(**audio)})


def _plain(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, Fraction) else value for name, value in pairs}
