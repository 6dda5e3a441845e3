"""Whether a signal may go out as it came: what boxes can play is copied, the rest encoded. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Treatment = Literal["copy", "encode", "none"]

#: Keyframes further apart than this make segments no box should wait for.
LONGEST_SEGMENT_S = 10.0
TALLEST = 1080
ENCODED_HEIGHT = 720
KEYFRAME_S = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with picture and sound."""

    video: Treatment
    audio: Treatment

    @property
    def mode(self) -> str:
        """Return `copy` when nothing is encoded, else `encode`."""
        return "encode" if "encode" in {self.video, self.audio} else "copy"


def first_plan(kind: str, mode: str, *, radio: bool) -> Plan:
    """Return the plan before anything of the signal is known: its first segment will tell.

    Args:
        kind: of the source; a card is raw pictures.
        mode: of the source: `auto`, `copy` or `encode`.
        radio: whether there is no picture.
    """
    treatment: Treatment = "encode" if mode == "encode" or kind == "card" else "copy"
    return Plan("none" if radio else treatment, treatment)


def fitted(plan: Plan, facts: Mapping[str, Any], *, longest_s: float) -> Plan:
    """Return the plan that suits what came.

    Args:
        plan: how it was made.
        facts: ffprobe's `streams` of a segment, as JSON.
        longest_s: the longest segment so far, seconds.
    """
    streams = facts.get("streams", [])
    if any(s.get("codec_type") not in {"video", "audio"} for s in streams):
        # Something MPEG-TS has no name for (VP9, PCM …) went out as private data.
        return Plan("none" if plan.video == "none" else "encode", "encode")
    video = next((s for s in streams if s.get("codec_type") == "video"), None)
    audio = next((s for s in streams if s.get("codec_type") == "audio"), None)
    if plan.video == "copy" and not (_picture_fits(video) and longest_s <= LONGEST_SEGMENT_S):
        plan = replace(plan, video="encode")
    if plan.audio == "copy" and not _sound_fits(audio):
        plan = replace(plan, audio="encode")
    return plan


def _picture_fits(video: Mapping[str, Any] | None) -> bool:
    if video is None:
        return True  # sound alone
    return (
        video.get("codec_name") == "h264"
        and video.get("pix_fmt") in {"yuv420p", "yuvj420p"}
        and 0 < int(video.get("height") or 0) <= TALLEST
    )


def _sound_fits(audio: Mapping[str, Any] | None) -> bool:
    if audio is None:
        return True  # a picture without sound
    return (
        audio.get("codec_name") == "aac"
        and audio.get("profile") in {"LC", None}
        and 1 <= int(audio.get("channels") or 0) <= 2
    )


def output_arguments(plan: Plan, kind: str, program: int | None = None) -> list[str]:
    """Return the arguments between ffmpeg's inputs and its output.

    Args:
        plan: what is done with picture and sound.
        kind: of the source.
        program: the one that is taken, where it has several (HLS variants).
    """
    of = "0" if program is None else f"0:p:{program}"
    return [*_video(plan.video, kind, f"{of}:v:0?"), *_audio(plan.audio, f"{of}:a:0?"), *_NO_MORE]


_NO_MORE = ["-sn", "-dn"]


def _video(treatment: Treatment, kind: str, stream: str) -> list[str]:
    if treatment == "none":
        return ["-vn"]
    if treatment == "copy":
        return ["-map", stream, "-c:v", "copy"]
    keyframes = ["-force_key_frames", f"expr:gte(t,n_forced*{KEYFRAME_S})", "-sc_threshold", "0"]
    coder = ["-map", stream, "-c:v", "libx264", "-pix_fmt", "yuv420p", *keyframes]
    if kind == "card":
        return [*coder, "-preset", "ultrafast", "-tune", "zerolatency", "-b:v", "500k"]
    shape = f"yadif=deint=interlaced,scale=-2:'min(ih,{ENCODED_HEIGHT})'"
    rate = ["-b:v", "2000k", "-maxrate", "2200k", "-bufsize", "4000k"]
    return [*coder, "-vf", shape, "-preset", "veryfast", *rate]


def _audio(treatment: Treatment, stream: str) -> list[str]:
    if treatment == "none":
        return ["-an"]
    if treatment == "copy":
        return ["-map", stream, "-c:a", "copy"]
    # Lost packets leave holes: filled with silence, or sound would run ahead of the picture.
    steady = ["-af", "aresample=async=1"]
    coder = ["-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000"]
    return ["-map", stream, *steady, *coder]
