"""ffmpeg's input arguments of a source: one function a kind. Pure but for the look at a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from core.errors import InvalidInputError, NotFoundError
from vod_server.live.card import card_input
from vod_server.live.wanted import WantedSource

#: How long a network source may stay silent before ffmpeg gives it up, in microseconds.
SILENCE_US = 8_000_000

#: Look at no more of a source than its kind needs: the first segment tells the rest.
QUICK = ["-analyzeduration", "1500000", "-probesize", "1000000"]

#: Options that may stand behind an address, by kind; anything else is dropped.
_OPTIONS = {
    "udp": {"localaddr", "localport", "sources", "block", "buffer_size", "ttl", "reuse"},
    "rtp": {"localaddr", "localport", "localrtpport", "sources", "block", "buffer_size", "ttl"},
    "srt": {"mode", "latency", "streamid", "passphrase", "pbkeylen", "maxbw", "transtype"},
}

#: Files a folder's loop is made of.
_FILMS = {".ts", ".mp4", ".mkv", ".mov", ".flv", ".m4v", ".mp3", ".m4a", ".aac", ".mpg"}


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
    source: WantedSource, around: Surroundings, *, stream_key: str | None, run: Path
) -> list[str]:
    """Return the arguments that open a source.

    Args:
        source: what is opened.
        around: see there.
        stream_key: of the channel, for `push`.
        run: folder of the run, for a list of films.

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
        return _rtmp(f"{around.rtmp_url.rstrip('/')}/{quote(stream_key, safe='')}")
    return _NETWORK[source.kind](source.url)


def is_listener(source: WantedSource) -> bool:
    """Say whether the source waits to be called: nobody else may try it meanwhile."""
    query = dict(parse_qsl(urlsplit(source.url).query)) if source.kind == "srt" else {}
    return query.get("mode") in {"listener", "rendezvous"}


def _hls(url: str) -> list[str]:
    # Paced: a puller that runs through the listed segments at once would date them too early.
    only = ["-protocol_whitelist", "http,https,tcp,tls,crypto"]
    wait = ["-rw_timeout", str(SILENCE_US), "-live_start_index", "-2"]
    return [*QUICK, *only, *wait, "-re", "-f", "hls", "-i", url]


def _http(url: str) -> list[str]:
    only = ["-protocol_whitelist", "http,https,tcp,tls"]
    again = ["-reconnect", "1", "-reconnect_streamed", "1", "-reconnect_delay_max", "2"]
    return [*QUICK, *only, *again, "-rw_timeout", str(SILENCE_US), "-i", url]


def _udp(url: str) -> list[str]:
    more = {"timeout": SILENCE_US, "fifo_size": 50_000, "overrun_nonfatal": 1}
    return [*QUICK, "-protocol_whitelist", "udp", "-f", "mpegts", "-i", _with(url, "udp", more)]


def _rtp(url: str) -> list[str]:
    more = {"timeout": SILENCE_US}
    return [*QUICK, "-protocol_whitelist", "rtp,udp", "-i", _with(url, "rtp", more)]


def _srt(url: str) -> list[str]:
    more = {"timeout": SILENCE_US}
    return [*QUICK, "-protocol_whitelist", "srt", "-f", "mpegts", "-i", _with(url, "srt", more)]


def _rtmp(url: str) -> list[str]:
    only = ["-protocol_whitelist", "rtmp,rtmps,tcp,tls"]
    return [*QUICK, *only, "-rw_timeout", str(SILENCE_US), "-f", "live_flv", "-i", url]


_NETWORK: dict[str, Callable[[str], list[str]]] = {
    "hls": _hls,
    "http": _http,
    "udp": _udp,
    "rtp": _rtp,
    "srt": _srt,
    "rtmp": _rtmp,
}


def _with(url: str, kind: str, more: dict[str, int]) -> str:
    """Return the address with the admin's allowed options and ours; the admin's stand."""
    parts = urlsplit(url)
    given = {name: text for name, text in parse_qsl(parts.query) if name in _OPTIONS[kind]}
    query = urlencode({**more, **given}, safe=":,/!#=")
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def _file(name: str, inbox: Path, run: Path) -> list[str]:
    path = inbox / name
    if not Path(name).is_absolute() and not path.resolve().is_relative_to(inbox.resolve()):
        raise InvalidInputError("文件不在收件箱里。")
    if path.is_dir():
        return _folder(path, run)
    if not path.is_file():
        raise NotFoundError(f"没有文件 {name}。")
    guard = ["-protocol_whitelist", "file"]
    return [*guard, "-re", "-stream_loop", "-1", "-i", f"file:{path.absolute()}"]


def _folder(folder: Path, run: Path) -> list[str]:
    films = sorted(path for path in folder.iterdir() if path.suffix.lower() in _FILMS)
    if not films:
        raise NotFoundError(f"文件夹 {folder.name} 里没有可以播放的文件。")
    listing = run / "films.ffconcat"
    lines = [f"file '{_quoted(film.absolute())}'" for film in films]
    listing.write_text("\n".join(["ffconcat version 1.0", *lines, ""]))
    guard = ["-protocol_whitelist", "file", "-safe", "0", "-f", "concat"]
    return [*guard, "-re", "-stream_loop", "-1", "-i", f"file:{listing}"]


def _quoted(path: Path) -> str:
    return str(path).replace("'", "'\\''")
