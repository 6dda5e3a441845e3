"""Does a source fit a rung as it is, so that it is copied instead of encoded? Pure."""

from __future__ import annotations

from vod_server.media.facts import Audio, Video

PROFILES = frozenset({"Constrained Baseline", "Baseline", "Main", "High"})
MAX_LEVEL = 31
#: A segment must be able to begin with an IDR about every six seconds.
MAX_KEYFRAME_GAP_S = 6.0
#: A copied picture may spend so much more than the rung's own bit rate would.
BITRATE_SLACK = 2.0
#: A picture that begins later than this would leave a hole at the start.
LATE_START_S = 0.2


def fits_rung(video: Video, size: tuple[int, int], bitrate_bps: int) -> bool:
    """Tell whether the picture can be copied into a rung, as far as a probe can see.

    The copy itself is watched as well (see `segmenter`): a file is only sampled by the probe.

    Args:
        size: width and height the rung would have.
        bitrate_bps: what the rung's box spends when it is filled.
    """
    return _fits_codec(video) and _fits_geometry(video, size) and _fits_time(video, bitrate_bps)


def fits_sound(audio: Audio) -> bool:
    """Tell whether the sound is what a rendition carries: AAC-LC, stereo, 48 kHz."""
    shape = (audio.codec, audio.profile, audio.channels, audio.sample_rate)
    return shape == ("aac", "LC", 2, 48_000) and audio.start_s <= LATE_START_S


def _fits_codec(video: Video) -> bool:
    return (
        video.codec == "h264"
        and video.profile in PROFILES
        and 0 < video.level <= MAX_LEVEL
        # yuvj420p is full range: boxes that take it for limited show it too hard.
        and video.pix_fmt == "yuv420p"
        and video.color_range != "pc"
        and video.bit_depth == 8
        and not video.hdr
    )


def _fits_geometry(video: Video, size: tuple[int, int]) -> bool:
    own_size = (video.coded_width, video.coded_height) == (video.width, video.height) == size
    return own_size and video.sar == 1 and video.rotation == 0 and not video.interlaced


def _fits_time(video: Video, bitrate_bps: int) -> bool:
    rate, gap_s = video.bit_rate_bps, video.max_keyframe_gap_s
    return (
        not video.vfr
        and 10 <= video.frame_rate <= 30.01
        and video.starts_with_keyframe
        and video.start_s <= LATE_START_S
        and gap_s is not None
        and gap_s <= MAX_KEYFRAME_GAP_S
        and rate is not None
        and rate <= bitrate_bps * BITRATE_SLACK
    )
