"""Take the text subtitles out of a video file; pictures of text (DVD, Blu-ray, DVB) stay there."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import JobError
from vod_server.media.ffmpeg import (
    StopQuestion,
    input_arguments,
    never_stop,
    run_ffmpeg,
    tied,
)

#: Codecs that hold words, and the form ffmpeg writes them in.
FORMS = {
    "mov_text": "srt",
    "subrip": "srt",
    "text": "srt",
    "webvtt": "srt",
    "ass": "ass",
    "ssa": "ass",
}
TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Subtitles:
    """What was taken out of a video.

    Args:
        raw: the file ffmpeg wrote, SRT or ASS in UTF-8.
        language: as the video says it (ISO 639-2), empty where it does not.
    """

    raw: bytes
    language: str


def extract_subtitles(
    path: Path, folder: Path, *, should_stop: StopQuestion = never_stop
) -> Subtitles | None:
    """Return the first text subtitles of a video, None when it has none.

    Args:
        path: the video.
        folder: for the file in between, which is left there.
        should_stop: see `run_ffmpeg`; of a long MKV everything has to be read.

    Raises:
        JobError: ffprobe or ffmpeg could not.
        JobCancelledError: `should_stop` said so.
    """
    stream = next((one for one in _streams(path) if one.get("codec_name") in FORMS), None)
    if stream is None:
        return None
    made = folder / f"subtitles.{FORMS[stream['codec_name']]}"
    chosen = ["-map", f"0:{stream['index']}"]
    run_ffmpeg(
        lambda _: [*input_arguments(path), *chosen, f"file:{made.absolute()}"],
        should_stop=should_stop,
    )
    return Subtitles(made.read_bytes(), str(stream.get("tags", {}).get("language", "")).lower())


def _streams(path: Path) -> list[dict[str, Any]]:
    wanted = [
        "-select_streams",
        "s",
        "-show_entries",
        "stream=index,codec_name:stream_tags=language",
    ]
    command = ["ffprobe", "-v", "error", "-of", "json", *wanted, *input_arguments(path)]
    try:
        done = subprocess.run(
            tied(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise JobError("读取片源里的字幕失败。", permanent=False) from error
    streams: list[dict[str, Any]] = json.loads(done.stdout).get("streams", [])
    return streams
