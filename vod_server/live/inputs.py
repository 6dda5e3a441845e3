"""ffmpeg's input arguments of a source: one function a kind. Pure but for the look at a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote

from core.blobs.space import full_disk_told
from core.errors import InvalidInputError, NotFoundError
from vod_server.live.card import card_input
from vod_server.live.wanted import WantedSource

#: How long a network source may stay silent before ffmpeg gives it up, in microseconds.
SILENCE_US = 8_000_000

#: ffmpeg looks at a source for so long before it begins, seconds. A short look is soon over, but
#: who joins a signal just after a keyframe sees none in it; the next ones are for that.
LOOKS_S = (1.5, 5.0, 12.0)
#: So much is looked at in that time: high definition at its best.
LOOK_BYTES_PER_S = 2_500_000

#: What is fetched comes faster than it plays: unpaced it would be dated into the future.
_PACED = ["-re"]

#: Options that may stand behind an address, by kind; anything else is dropped.
_OPTIONS = {
    "udp": {"localaddr", "localport", "sources", "block", "buffer_size", "ttl", "reuse"},
    "rtp": {"localaddr", "localport", "localrtpport", "sources", "block", "buffer_size", "ttl"},
    "srt": {"mode", "latency", "streamid", "passphrase", "pbkeylen", "maxbw", "transtype"},
}

#: Files a folder's loop is made of.
_FILMS = {
    *(".ts", ".mp4", ".mkv", ".mov", ".flv", ".m4v", ".mpg", ".mpeg", ".m2ts", ".avi", ".wmv"),
    *(".webm", ".ogg", ".mp3", ".m4a", ".aac", ".wav", ".flac"),
}

#: Headers players let stand behind an address, `…|User-Agent=…&Referer=…`, and those we send.
_HEADERS = {"user-agent": "User-Agent", "referer": "Referer", "origin": "Origin"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What inputs need to know of the installation.

    Args:
        inbox: folder below which relative paths of `file` sources lie.
        rtmp_url: where nginx-rtmp offers pushed streams.
    """

    inbox: Path
    rtmp_url: str


def input_arguments(
    source: WantedSource,
    around: Surroundings,
    *,
    stream_key: str | None,
    run: Path,
    look_s: float = LOOKS_S[0],
) -> list[str]:
    """Return the arguments that open a source.

    Args:
        source: what is opened.
        around: see there.
        stream_key: of the channel, for `push`.
        run: folder of the run, for a list of films.
        look_s: for how long to look at what a network sends before it is recorded.

    Raises:
        InvalidInputError: the source cannot be opened as it is set.
        NotFoundError: the file or folder is not there.
    """
    if source.kind == "card":
        return card_input(source.url)
    if source.kind == "file":
        return _file(source.url, around.inbox, run)
    if source.kind == "push":
        if not stream_key:
            raise InvalidInputError("这个频道还没有推流密钥。")
        return _look(look_s) + _rtmp(f"{around.rtmp_url.rstrip('/')}/{quote(stream_key, safe='')}")
    return _look(look_s) + _NETWORK[source.kind](source.url)


def _look(seconds: float) -> list[str]:
    size_bytes = round(seconds * LOOK_BYTES_PER_S)
    return ["-analyzeduration", f"{seconds * 1e6:.0f}", "-probesize", str(size_bytes)]


def is_listener(source: WantedSource) -> bool:
    """Say whether the source waits to be called: nobody else may try it meanwhile."""
    given = dict(_options(source.url)) if source.kind == "srt" else {}
    return given.get("mode") in {"listener", "rendezvous"}


def is_near(source: WantedSource) -> bool:
    """Say whether it costs nobody anything to look for the source every few seconds."""
    return source.kind in {"file", "card", "push", "udp", "rtp"} or is_listener(source)


def _hls(url: str) -> list[str]:
    only = ["-protocol_whitelist", "http,https,tcp,tls,crypto"]
    wait = ["-rw_timeout", str(SILENCE_US), "-live_start_index", "-2"]
    address, headers = _headers(url)
    return [*only, *wait, *headers, *_PACED, "-f", "hls", "-i", address]


def _http(url: str) -> list[str]:
    only = ["-protocol_whitelist", "http,https,tcp,tls"]
    again = ["-reconnect", "1", "-reconnect_streamed", "1", "-reconnect_delay_max", "2"]
    wait = ["-rw_timeout", str(SILENCE_US)]
    address, headers = _headers(url)
    return [*only, *again, *wait, *headers, *_PACED, "-i", address]


def _headers(url: str) -> tuple[str, list[str]]:
    """Part an address from the headers behind it; return both, the headers as arguments."""
    address, _, behind = url.partition("|")
    given = {
        _HEADERS[name.lower()]: text for name, text in parse_qsl(behind) if name.lower() in _HEADERS
    }
    # A line break would begin a header of its own.
    lines = [f"{name}: {' '.join(text.split())}\r\n" for name, text in given.items()]
    return address, ["-headers", "".join(lines)] if lines else []


def _udp(url: str) -> list[str]:
    more = {"timeout": SILENCE_US, "fifo_size": 50_000, "overrun_nonfatal": 1}
    return ["-protocol_whitelist", "udp", "-f", "mpegts", "-i", _with(url, "udp", more)]


def _rtp(url: str) -> list[str]:
    more = {"timeout": SILENCE_US}
    return ["-protocol_whitelist", "rtp,udp", "-i", _with(url, "rtp", more)]


def _srt(url: str) -> list[str]:
    more = {"timeout": SILENCE_US}
    return ["-protocol_whitelist", "srt", "-f", "mpegts", "-i", _with(url, "srt", more)]


def _rtmp(url: str) -> list[str]:
    only = ["-protocol_whitelist", "rtmp,rtmps,tcp,tls"]
    return [*only, "-rw_timeout", str(SILENCE_US), "-f", "live_flv", "-i", url]


_FROM_DISK = ["-protocol_whitelist", "file"]
_LOOPED = [*_PACED, "-stream_loop", "-1"]

_NETWORK: dict[str, Callable[[str], list[str]]] = {
    "hls": _hls,
    "http": _http,
    "udp": _udp,
    "rtp": _rtp,
    "srt": _srt,
    "rtmp": _rtmp,
}


def _with(url: str, kind: str, more: dict[str, int]) -> str:
    """Return the address with the admin's allowed options and ours; the admin's stand.

    ffmpeg takes options as they are written, only `+` for a space: nothing is percent-encoded.
    """
    given = {name: text for name, text in _options(url) if name in _OPTIONS[kind]}
    options = {name: str(text) for name, text in {**more, **given}.items()}
    query = "&".join(f"{name}={text.replace(' ', '+')}" for name, text in options.items())
    return f"{url.partition('?')[0]}?{query}"


def _options(url: str) -> list[tuple[str, str]]:
    # Not `urlsplit`: an SRT streamid begins with `#!::`, which is no fragment.
    return parse_qsl(url.partition("?")[2])


def _file(name: str, inbox: Path, run: Path) -> list[str]:
    path = inbox / name
    # An absolute path is the admin's own word; a relative one stays in the inbox.
    bounds = None if Path(name).is_absolute() else inbox.resolve()
    if not _is_within(path, bounds):
        raise InvalidInputError("文件不在收件箱里。")
    if path.is_dir():
        return _folder(path, bounds, run)
    if not path.is_file():
        raise NotFoundError(f"没有文件 {name}。")
    return [*_FROM_DISK, *_LOOPED, "-i", f"file:{path.absolute()}"]


def _folder(folder: Path, bounds: Path | None, run: Path) -> list[str]:
    films = [path for path in sorted(folder.iterdir()) if _is_film(path, bounds)]
    if not films:
        raise NotFoundError(f"文件夹 {folder.name} 里没有可以播放的文件。")
    listing = run / "films.ffconcat"
    lines = [f"file '{_quoted(film.absolute())}'" for film in films]
    with full_disk_told():
        listing.write_text("\n".join(["ffconcat version 1.0", *lines, ""]))
    return [*_FROM_DISK, "-safe", "0", "-f", "concat", *_LOOPED, "-i", f"file:{listing}"]


def _is_film(path: Path, bounds: Path | None) -> bool:
    # A line break would end the list's line.
    known = path.suffix.lower() in _FILMS and path.name.isprintable()
    return known and path.is_file() and _is_within(path, bounds)


def _is_within(path: Path, bounds: Path | None) -> bool:
    """Say whether a path, links followed, lies below its bounds."""
    return bounds is None or path.resolve().is_relative_to(bounds)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "'\\''")
