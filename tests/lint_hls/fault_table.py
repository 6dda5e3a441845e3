"""Every rule of the lint with faults that it must find."""

from __future__ import annotations

from collections.abc import Callable

from tests.lint_hls import faults as plant
from tests.lint_hls.faults import Site

LATER = slice(9, None)  # from the tenth frame on
MASTER, SD, SD_I, LOW = "index.m3u8", "480p/index.m3u8", "480p/iframes.m3u8", "360p/index.m3u8"
S0, S1 = "480p/s00000.ts", "480p/s00001.ts"
LOW_SEGMENTS = [f"360p/s0000{n}.ts" for n in range(3)]


def _no_independence(site: Site) -> None:
    for path in (MASTER, SD, LOW, "audio/index.m3u8"):
        site.drop_lines(path, "#EXT-X-INDEPENDENT-SEGMENTS")


def _low_shifted(site: Site) -> None:
    for path in LOW_SEGMENTS:
        site.data(path, plant.shift_times(1.0))


def _swollen(site: Site) -> None:
    site.data(S0, plant.swell)


def _other_iframe(site: Site) -> None:
    line = next(
        line for line in site.replies[SD_I].body.decode().splitlines() if "X-BYTERANGE" in line
    )
    length, offset = line.removeprefix("#EXT-X-BYTERANGE:").split("@")
    site.text(SD_I, line, f"#EXT-X-BYTERANGE:{length}@{int(offset) + int(length)}")


def _longer_iframe(site: Site) -> None:
    line = next(
        line for line in site.replies[SD_I].body.decode().splitlines() if "X-BYTERANGE" in line
    )
    length, offset = line.removeprefix("#EXT-X-BYTERANGE:").split("@")
    site.text(SD_I, line, f"#EXT-X-BYTERANGE:{int(length) + 188 * 60}@{offset}")


def _attribute(name: str) -> Callable[[Site], None]:
    """Leave an attribute out of the first STREAM-INF."""

    def edit(site: Site) -> None:
        lines = site.replies[MASTER].body.decode().splitlines()
        line = next(line for line in lines if line.startswith("#EXT-X-STREAM-INF"))
        tag, _, rest = line.partition(":")
        kept = [part for part in rest.split(",") if not part.startswith(f"{name}=")]
        if name == "CODECS":  # its value holds a comma
            kept = [part for part in kept if not part.startswith("mp4a")]
        assert len(kept) < len(rest.split(","))
        site.text(MASTER, line, f"{tag}:{','.join(kept)}")

    return edit


def _raised(name: str) -> Callable[[Site], None]:
    """Declare 30 % more than there is."""

    def edit(site: Site) -> None:
        lines = site.replies[MASTER].body.decode().splitlines()
        line = next(line for line in lines if line.startswith("#EXT-X-STREAM-INF"))
        value = int(line.split(f",{name}=")[1].split(",")[0])
        site.text(MASTER, f",{name}={value}", f",{name}={value * 13 // 10}")

    return edit


def _bad_utf8(site: Site) -> None:
    site.reply(SD, body=site.replies[SD].body.replace(b"#EXTINF", b"# \xff\n#EXTINF", 1))


# The rule, what is spoilt, and how.
FAULTS: list[tuple[str, str, Callable[[Site], object]]] = [
    ("R4.1-extm3u", "no first line", lambda s: s.drop_lines(SD, "#EXTM3U")),
    ("R4.1-extm3u", "empty line first", lambda s: s.text(MASTER, "#EXTM3U", "\n#EXTM3U")),
    ("R4.1-utf8", "a byte of another coding", _bad_utf8),
    ("R4.1-bom", "mark", lambda s: s.reply(MASTER, body=b"\xef\xbb\xbf" + s.replies[MASTER].body)),
    ("R4-mime", "playlist as text", lambda s: s.header(SD, "content-type", "text/plain")),
    ("R4-mime", "segment as anything", lambda s: s.header(S0, "content-type", "video/mpeg")),
    ("A10.1", "playlist unpacked", lambda s: s.header(LOW, "content-encoding", None)),
    ("A8.18", "segment redirected", lambda s: s.reply(S1, status=302)),
    ("A8.18", "playlist missing", lambda s: s.reply(SD_I, status=404)),
    ("R4.3-mixed", "media tag above", lambda s: s.text(MASTER, "#EXT-X-S", "#EXTINF:6,\n#EXT-X-S")),
    ("R4.3-mixed", "variant tag below", lambda s: s.text(SD, "#EXTINF", "#EXT-X-MEDIA:\n#EXTINF")),
    ("R7-version", "fractions in 1", lambda s: s.text(SD, "VERSION:3", "VERSION:1")),
    ("R7-version", "map in 4", lambda s: s.text(SD_I, "VERSION:5", "VERSION:4")),
    ("R7-version", "no version", lambda s: s.drop_lines(SD, "#EXT-X-VERSION")),
    ("R4.3.3.1-present", "none", lambda s: s.drop_lines(SD, "#EXT-X-TARGETDURATION")),
    ("R4.3.3.1-present", "a fraction", lambda s: s.text(SD, "DURATION:6", "DURATION:6.0")),
    ("R4.3.3.1-extinf", "target too small", lambda s: s.text(SD, "DURATION:6", "DURATION:5")),
    ("R4.3.2.1", "an EXTINF missing", lambda s: s.drop_lines(SD, "#EXTINF:2")),
    ("A7.5", "target of 20 s", lambda s: s.text(SD, "DURATION:6", "DURATION:20")),
    ("A8.1", "EXTINF too short", lambda s: s.text(SD, "#EXTINF:6.000000", "#EXTINF:5.900000")),
    ("A8.1", "last EXTINF too long", lambda s: s.text(SD, "#EXTINF:2.000000", "#EXTINF:2.100000")),
    ("A7.4", "no IDR first", lambda s: s.data(S1, plant.without_idr(0))),
    ("A7.4", "no SPS first", lambda s: s.data(S1, plant.without_parameter_sets)),
    ("A1.13", "IDR after 4 s", lambda s: s.data(S1, plant.without_idr(1))),
    ("A7.2", "counter jumps", lambda s: s.data(S0, plant.skip_counter)),
    ("A7.2", "no packets", lambda s: s.reply(S0, body=b"<html>" * 188)),
    ("A7.3", "time jumps forward", lambda s: s.data(S0, plant.shift_times(9, LATER))),
    ("A7.3", "time jumps back", lambda s: s.data(S0, plant.shift_times(-0.3, LATER))),
    ("A8.13", "counters begin anew", lambda s: s.data(S1, plant.shift_counters)),
    ("A8.13", "times begin anew", lambda s: s.data(S1, plant.shift_times(-6))),
    ("A8.22", "other cuts", lambda s: s.text(LOW, "#EXTINF:6.000000", "#EXTINF:5.000000")),
    ("A8.22", "a segment less", lambda s: s.text(LOW, "#EXTINF:2.000000,\ns00002.ts\n", "")),
    ("R6.2.4", "other times", _low_shifted),
    ("A2.3", "mono", lambda s: s.data(S0, plant.make_mono)),
    ("A8.6-type", "an event", lambda s: s.text(SD, "TYPE:VOD", "TYPE:EVENT")),
    ("A8.6-endlist", "no end", lambda s: s.drop_lines(LOW, "#EXT-X-ENDLIST")),
    ("R4.3.4.2", "none", _attribute("BANDWIDTH")),
    ("A9.14", "none", _attribute("AVERAGE-BANDWIDTH")),
    ("A9.1", "none", _attribute("CODECS")),
    ("A9.2", "none", _attribute("RESOLUTION")),
    ("A9.15", "none", _attribute("FRAME-RATE")),
    ("A9.1-probe", "other profile", lambda s: s.text(MASTER, "avc1.64001e", "avc1.4d001e")),
    ("A9.1-probe", "other level", lambda s: s.text(MASTER, "avc1.64001e", "avc1.64001f")),
    ("A9.1-probe", "sound left out", lambda s: s.text(MASTER, ",mp4a.40.2", "")),
    ("A9.2-probe", "other size", lambda s: s.text(MASTER, "854x480", "848x480")),
    ("A9.15-probe", "other rate", lambda s: s.text(MASTER, "FRAME-RATE=25", "FRAME-RATE=30")),
    ("A9.11", "nowhere", _no_independence),
    ("A1.26", "30 % more", _raised("BANDWIDTH")),
    ("A1.27", "30 % more", _raised("AVERAGE-BANDWIDTH")),
    ("A1.30", "one large segment", _swollen),
    ("A6.1", "none", lambda s: s.drop_lines(MASTER, "#EXT-X-I-FRAME-STREAM-INF")),
    ("A6.8", "no tag", lambda s: s.drop_lines(SD_I, "#EXT-X-I-FRAMES-ONLY")),
    ("R4.3.3.6", "range of another picture", _other_iframe),
    ("R4.3.3.6", "range of two pictures", _longer_iframe),
    ("R4.3.3.6", "map left out", lambda s: s.drop_lines(SD_I, "#EXT-X-MAP")),
    ("R4.3.3.6", "other pictures", lambda s: s.data(S0, plant.spoil_parameter_sets)),
    ("R4.3.3.6", "cannot be decoded", lambda s: s.data(S0, plant.without_picture_parameters)),
    ("R4.3.3.6-duration", "too long", lambda s: s.text(SD_I, "#EXTINF:2.0", "#EXTINF:3.0")),
    ("A5.3", "no map", lambda s: s.text("zh/s0.vtt", "X-TIMESTAMP-MAP", "X-NOTE")),
    ("A5.5", "half", lambda s: s.text("zh/index.m3u8", "#EXTINF:14", "#EXTINF:7")),
    ("A8.10", "none", lambda s: s.text(MASTER, 'LANGUAGE="zh",', "")),
]  # fmt: skip
