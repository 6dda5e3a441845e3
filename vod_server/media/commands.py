"""The ffmpeg commands of a plan: filters and arguments. Pure, but for what filters ffmpeg has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vod_server.media.ffmpeg import Build, has_filter, input_arguments
from vod_server.media.ladder import KEYFRAME_S, Picture, Plan, Rung
from vod_server.media.loudness import STEREO, gain_filters, measure_output

#: Every rendition's clock starts at the same place, so that players can change between them:
#: nothing is shifted to make decoding times positive, the muxer's own delay (1.4 s) does that.
#: The first packets say that they continue nothing (ISO 13818-1 §2.4.3.5): on a loop channel other
#: titles come before them, and strict players take the jump of the counters for damage.
_MUX = {
    "max_delay": "700000",
    "avoid_negative_ts": "disabled",
    "mpegts_flags": "initial_discontinuity",
}

#: In MP4 the parameter sets stand apart; put back before the IDR slice they come after SEI that
#: refers to them, which strict decoders note. Nothing here needs SEI: it is left out.
_ANNEX_B = "h264_mp4toannexb,filter_units=remove_types=6"

#: HDR to BT.709: linear light, then the curve that keeps skin tones, then back.
_TONE_MAP = (
    "zscale=t=linear:npl=100",
    "format=gbrpf32le",
    "zscale=p=bt709",
    "tonemap=hable:desat=0",
    "zscale=t=bt709:m=bt709:r=tv",
)


def copy_command(source: Path, plan: Plan, *, measure: bool) -> Build:
    """Return the command that copies the picture (and the sound, where the plan copies it).

    Args:
        measure: print the loudness of the sound in the same pass.
    """

    def build(outputs: Sequence[str]) -> list[str]:
        command = input_arguments(source)
        graph, sound = _sound(plan)
        command += ["-filter_complex", graph] if graph else []
        if plan.picture is not None:
            command += ["-map", f"0:{plan.picture.index}", "-c:v", "copy", "-bsf:v", _ANNEX_B]
        command += [*sound, *_common(plan), *_mpegts(outputs[0])]
        index = plan.sound.index
        return [*command, *(measure_output(index) if measure and index is not None else [])]

    return build


def encode_command(source: Path, plan: Plan) -> Build:
    """Return the command that encodes every encoded rung in one process, the sound only once."""
    rungs = plan.encoded

    def build(outputs: Sequence[str]) -> list[str]:
        sound_graph, sound = _sound(plan)
        graphs = [sound_graph] if sound_graph else []
        command: list[str] = []
        if plan.picture is not None:
            graphs.append(picture_graph(plan.picture, rungs, steady=plan.copied is None))
            for at, rung in enumerate(rungs):
                command += ["-map", f"[v{at}]", *_x264(at, rung)]
            command += _keyframes(plan)
        command += [*sound, *_common(plan)]
        graph = ["-filter_complex", ";".join(graphs)] if graphs else []
        output = _mpegts(outputs[0]) if len(outputs) == 1 else _tee(outputs)
        return [*input_arguments(source), *graph, *command, *output]

    return build


def picture_graph(picture: Picture, rungs: Sequence[Rung], *, steady: bool) -> str:
    """Return the filter graph from the source's picture to the outputs `[v0]`, `[v1]` ….

    Args:
        rungs: largest first.
        steady: make the frame rate constant; False beside a copied rung, which keeps its times.
    """
    steps = picture_steps(picture, steady=steady)
    top = rungs[0]
    steps += [_scale(top, full_range=picture.full_range), *tone_steps(picture), "format=yuv420p"]
    chain = f"[0:{picture.index}]" + ",".join(steps)
    if len(rungs) == 1:
        return f"{chain}[v0]"
    splits = "".join(f"[s{at}]" for at in range(len(rungs)))
    parts = [f"{chain},split={len(rungs)}{splits}", "[s0]null[v0]"]
    parts += [f"[s{at}]{_scale(rung)}[v{at}]" for at, rung in enumerate(rungs) if at]
    return ";".join(parts)


def picture_steps(picture: Picture, *, steady: bool) -> list[str]:
    """Return the filters before scaling: progressive, constant rate, held at the end."""
    steps = ["bwdif=mode=send_frame:deint=interlaced"] if picture.deinterlace else []
    steps += [f"fps={picture.frame_rate}:start_time=0"] if steady else []
    if picture.hold_s:
        steps.append(f"tpad=stop_mode=clone:stop_duration={picture.hold_s}")
    return steps


def tone_steps(picture: Picture) -> list[str]:
    """Return the filters from HDR to BT.709 (after scaling: they are slow), none otherwise."""
    return list(_TONE_MAP) if picture.tone_map and has_filter("zscale") else []


def _scale(rung: Rung, *, full_range: bool = False) -> str:
    limited = ":in_range=full:out_range=tv" if full_range else ""
    return f"scale={rung.width}:{rung.height}{limited},setsar=1"


def _x264(at: int, rung: Rung) -> list[str]:
    values = {
        "c": "libx264",
        "preset": "veryfast",
        "profile": rung.profile,
        "level": rung.level,
        "b": str(rung.bitrate_bps),
        "maxrate": str(rung.maxrate_bps),
        "bufsize": str(rung.bufsize_bits),
    }
    return [part for name, value in values.items() for part in (f"-{name}:v:{at}", value)]


def _keyframes(plan: Plan) -> list[str]:
    if plan.picture is None:
        return []
    if plan.copied is None:
        return ["-force_key_frames", f"expr:gte(t,n_forced*{KEYFRAME_S})", "-sc_threshold", "0"]
    # The copied rung's keyframes, and more between where those are far apart; its times too.
    gop = str(int(plan.picture.frame_rate * KEYFRAME_S))
    source = ["-force_key_frames", "source", "-g", gop, "-keyint_min", "1", "-sc_threshold", "0"]
    return [*source, "-fps_mode", "vfr", "-enc_time_base:v", "1:90000"]


def _sound(plan: Plan) -> tuple[str, list[str]]:
    """Return the filter graph of the sound (may be empty) and its output arguments."""
    sound = plan.sound
    if sound.mode == "copy":
        return "", ["-map", f"0:{sound.index}", "-c:a", "copy"]
    if sound.mode == "silence":
        steps = f"anullsrc=r=48000:cl=stereo,atrim=end={plan.duration_s:.6f}"
    else:
        # Gaps are filled with silence; the sound ends with the picture, neither before nor after.
        fill = ["aresample=async=1:first_pts=0", STEREO, *gain_filters(sound.gain)]
        end = f"apad=whole_dur={plan.duration_s:.6f},atrim=end={plan.duration_s:.6f}"
        steps = f"[0:{sound.index}]" + ",".join([*fill, end])
    arguments = ["-map", "[a]", "-c:a", "aac", "-b:a", str(sound.bitrate_bps), "-ar", "48000"]
    return f"{steps}[a]", arguments


def _common(plan: Plan) -> list[str]:
    """Return what every output has: no tags of the source's, and an end.

    Half a frame more than the picture lasts, so that its last frame is never the one left out.
    """
    end_s = plan.duration_s + (0.5 / float(plan.picture.frame_rate) if plan.picture else 0.0)
    return ["-map_metadata", "-1", "-map_chapters", "-1", "-t", f"{end_s:.6f}"]


def _mpegts(output: str) -> list[str]:
    options = [part for name, value in _MUX.items() for part in (f"-{name}", value)]
    return ["-max_muxing_queue_size", "4096", *options, "-f", "mpegts", output]


def _tee(outputs: Sequence[str]) -> list[str]:
    """Return the tee of all rungs: each takes its picture, all take the one encoded sound."""
    options = ":".join(f"{name}={value}" for name, value in _MUX.items())
    slaves = [
        rf"[f=mpegts:select=\'v:{at},a\':{options}]{output}" for at, output in enumerate(outputs)
    ]
    return ["-max_muxing_queue_size", "4096", "-f", "tee", "|".join(slaves)]
