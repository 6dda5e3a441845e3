"""The ladder: which renditions a source gets, and how each is made. Pure."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from catalog.titles.renditions import Mode
from vod_server.media import fitting
from vod_server.media.facts import Audio, Probe, Video
from vod_server.media.loudness import Gain, Loudness, gain_for

SEGMENT_S = 6.0
KEYFRAME_S = 2
MAX_RATE = 30
#: Slower pictures are repeated: the clock of an MPEG-TS rides on them (PCR ≤ 100 ms apart).
MIN_RATE = 10
AUDIO_BPS = 128_000
#: Less than this is a container's mistake, not a bit rate.
MIN_BPS = 100_000
#: A rung nearly as large as the one above it is not worth its bytes.
NEXT_RUNG_SCALE = 0.9
#: Sound that goes on this much longer than the picture keeps its last picture standing.
HOLD_S = 1.0
#: Newer codecs need fewer bits for the same picture than the H.264 made of them.
EFFICIENCY = {"hevc": 1.6, "vp9": 1.5, "av1": 1.8}


@dataclass(frozen=True, slots=True)
class Box:
    """The largest picture of a rung, lying; a standing one fits the same box stood up."""

    name: str
    long_side: int
    short_side: int
    profile: Literal["main", "high"]
    bitrate_bps: int


#: Main and level 3.0/3.1 play on the oldest boxes; B-frames yes, 8×8 transform no.
BOXES = (
    Box("720p", 1280, 720, "main", 3_000_000),
    Box("480p", 854, 480, "main", 1_400_000),
    Box("360p", 640, 360, "main", 800_000),
)


@dataclass(frozen=True, slots=True)
class Rung:
    """One rendition to be made. Width and height are None for sound alone."""

    name: str
    mode: Mode
    width: int | None = None
    height: int | None = None
    profile: str = ""
    level: str = ""
    bitrate_bps: int = 0  #: of the picture
    maxrate_bps: int = 0
    bufsize_bits: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """What is done to the picture, the same for all rungs."""

    index: int
    frame_rate: Fraction
    tone_map: bool = False
    deinterlace: bool = False
    full_range: bool = False
    hold_s: float = 0.0  #: the last picture stands so long


@dataclass(frozen=True, slots=True)
class Sound:
    """What is done to the sound, the same for all rungs.

    `index` None: the source has none, and silence is made. Old boxes wait for the sound they expect
    of a programme and take their clock from it; a stream without any stands still on them.
    """

    index: int | None
    copyable: bool = False  #: AAC-LC stereo 48 kHz already: copied when its loudness fits
    bitrate_bps: int = AUDIO_BPS
    loudness: Loudness | None = None  #: None while unmeasured

    @property
    def mode(self) -> Literal["copy", "encode", "silence"]:
        """Return how it is made; an unmeasured one that could be copied counts as copied."""
        if self.index is None:
            return "silence"
        fits = self.loudness is None or self.loudness.fits
        return "copy" if self.copyable and fits else "encode"

    @property
    def gain(self) -> Gain:
        """Return the gain to the target; none while unmeasured."""
        return gain_for(self.loudness) if self.loudness else Gain()


@dataclass(frozen=True, slots=True)
class Plan:
    """How a source becomes renditions: the copied rung, if there is one, comes first."""

    rungs: tuple[Rung, ...]
    picture: Picture | None
    sound: Sound
    duration_s: float  #: of every rendition

    @property
    def copied(self) -> Rung | None:
        """Return the rung whose picture (or, without picture, sound) is copied."""
        return self.rungs[0] if self.rungs[0].mode == "copy" else None

    @property
    def encoded(self) -> tuple[Rung, ...]:
        """Return the rungs that are encoded."""
        return tuple(rung for rung in self.rungs if rung.mode == "encode")


def plan_ladder(probe: Probe, loudness: Loudness | None) -> Plan:
    """Return the ladder of a source.

    Args:
        probe: what `probe_file` saw.
        loudness: of its sound; None when not measured yet: `transcode` then measures on the way.
    """
    sound = _sound(probe.audio, loudness)
    if probe.video is None:
        mode: Mode = "copy" if sound.mode == "copy" else "encode"
        return Plan((Rung("audio", mode),), None, sound, probe.duration_s)
    video = probe.video
    hold_s = max(probe.audio.end_s - video.end_s, 0.0) if probe.audio else 0.0
    hold_s = hold_s if hold_s > HOLD_S else 0.0
    picture = Picture(
        index=video.index,
        frame_rate=target_rate(video),
        tone_map=video.hdr,
        deinterlace=video.interlaced,
        full_range=video.color_range == "pc" or video.pix_fmt.startswith("yuvj"),
        hold_s=round(hold_s, 3),
    )
    rungs = _rungs(video, picture.frame_rate, may_copy=not hold_s)
    return Plan(tuple(rungs), picture, sound, video.end_s + hold_s)


def with_loudness(plan: Plan, loudness: Loudness) -> Plan:
    """Return the plan with its sound's loudness known."""
    sound = dataclasses.replace(plan.sound, loudness=loudness)
    if plan.picture is None:
        mode: Mode = "copy" if sound.mode == "copy" else "encode"
        return dataclasses.replace(
            plan, sound=sound, rungs=tuple(dataclasses.replace(r, mode=mode) for r in plan.rungs)
        )
    return dataclasses.replace(plan, sound=sound)


def without_copy(plan: Plan) -> Plan:
    """Return the plan that encodes everything: the source turned out unfit, or as a control."""
    rungs = tuple(dataclasses.replace(rung, mode="encode") for rung in plan.rungs)
    return dataclasses.replace(
        plan, rungs=rungs, sound=dataclasses.replace(plan.sound, copyable=False)
    )


def target_rate(video: Video) -> Fraction:
    """Return the constant frame rate of the renditions: ≤ 30, by whole division where faster."""
    rate = min(video.frame_rate, Fraction(240))
    if video.vfr:
        # The finest cadence a phone means, unless the container only names its clock.
        usual = video.nominal_rate if video.nominal_rate <= 60 else rate
        rate = min(max(usual, Fraction(24)), Fraction(60))
    if rate > MAX_RATE + Fraction(1, 100):
        rate /= math.ceil(rate / (MAX_RATE + Fraction(1, 100)))
    while rate < MIN_RATE:
        rate *= 2
    return rate.limit_denominator(1001)


def fit_box(width: int, height: int, box: Box) -> tuple[int, int]:
    """Return the even size of a picture in a box, its aspect kept and never larger than it was."""
    long_side, short_side = max(width, height), min(width, height)
    scale = min(1.0, box.long_side / long_side, box.short_side / short_side)
    return _even(width, scale), _even(height, scale)


def h264_level(width: int, height: int, rate: Fraction) -> str:
    """Return the lowest of levels 3.0 and 3.1 that holds the picture (H.264 table A-1)."""
    blocks = math.ceil(width / 16) * math.ceil(height / 16)
    return "3.0" if blocks <= 1620 and blocks * rate <= 40_500 else "3.1"


def _rungs(video: Video, rate: Fraction, *, may_copy: bool) -> list[Rung]:
    rungs: list[Rung] = []
    above = math.inf
    for box, lower in zip(BOXES, [*BOXES[1:], None], strict=True):
        width, height = fit_box(video.width, video.height, box)
        # A box whose next smaller one holds the source whole would only hold it with more air.
        too_large = lower is not None and fit_box(video.width, video.height, lower) == (
            width,
            height,
        )
        if too_large or max(width, height) > above * NEXT_RUNG_SCALE:
            continue
        above = max(width, height)
        copied = may_copy and not rungs
        copied = copied and fitting.fits_rung(video, (width, height), box.bitrate_bps)
        bitrate = _bitrate(video, width, height, box)
        rungs.append(_rung(box, width, height, bitrate, rate, "copy" if copied else "encode"))
    return rungs


def _rung(box: Box, width: int, height: int, bitrate: int, rate: Fraction, mode: Mode) -> Rung:
    return Rung(
        name=box.name,
        mode=mode,
        width=width,
        height=height,
        profile=box.profile,
        level=h264_level(width, height, rate),
        bitrate_bps=bitrate,
        maxrate_bps=bitrate * 107 // 100,
        bufsize_bits=bitrate * 2,
    )


def _bitrate(video: Video, width: int, height: int, box: Box) -> int:
    """Return the box's bit rate: less for a smaller picture, at most what the source is worth."""
    share: float = min(width * height / (box.long_side * box.short_side), 1.0)
    wanted: float = box.bitrate_bps * share**0.75
    if video.bit_rate_bps:
        shrunk: float = min(width * height / (video.width * video.height), 1.0)
        source = video.bit_rate_bps * EFFICIENCY.get(video.codec, 1.0)
        wanted = min(wanted, source * shrunk**0.75)
    return max(int(wanted), MIN_BPS)


def _sound(audio: Audio | None, loudness: Loudness | None) -> Sound:
    if audio is None:
        return Sound(None)
    # Sound poorer than ours gains nothing by more bits.
    bitrate = (
        AUDIO_BPS if not audio.bit_rate_bps else min(AUDIO_BPS, max(audio.bit_rate_bps, 96_000))
    )
    return Sound(audio.index, fitting.fits_sound(audio), bitrate, loudness)


def _even(side: int, scale: float) -> int:
    """Return the nearest even size, never above the side itself."""
    return max(2, min(round(side * scale / 2) * 2, side // 2 * 2))
