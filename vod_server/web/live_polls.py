"""The live end of public channels, answered in front of Flask: what most boxes poll all day.

The Flask view answers first, as ever, and leaves its answer here; for a moment whoever asks the
same without saying who they are is given it again (docs/architecture.md, "Windows").
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from vod_server.streams.delivery import ALLOW_ORIGIN, EXPOSE_HEADERS
from vod_server.streams.kept import Playlist

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"

#: How long an answer is given again. So much later at most a new segment is listed, and a channel
#: that was switched off refused.
KEPT_S = 0.1

#: What `live_url` appends of a public channel, and nothing; any other query is a question.
_PLAIN = frozenset({"", "v=1"})


def is_plain(environ: WSGIEnvironment) -> bool:
    """Say whether a request tells nothing of who asks, and asks for nothing but the live end."""
    return environ.get("QUERY_STRING", "") in _PLAIN and "HTTP_AUTHORIZATION" not in environ


class Answer(NamedTuple):
    """What a client is told of a playlist: the headers of the transfer are the server's."""

    status: str
    headers: Headers
    body: bytes


def answer(playlist: Playlist, environ: WSGIEnvironment, cache_control: str) -> Answer:
    """Return a playlist as this client wants it: packed, or the word that its copy is good.

    Args:
        playlist: what is asked for.
        environ: of the request (PEP 3333).
        cache_control: of the reply.
    """
    headers = [
        # Weak: the gzipped form has other bytes under the same tag (RFC 9110 §8.8.1).
        ("ETag", f'W/"{playlist.etag}"'),
        ("Cache-Control", cache_control),
        ("Vary", "Authorization, Accept-Encoding"),
    ]
    if playlist.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        return Answer("304 NOT MODIFIED", headers, b"")
    headers.append(("Content-Type", PLAYLIST_TYPE))
    if "gzip" not in environ.get("HTTP_ACCEPT_ENCODING", ""):
        return Answer("200 OK", headers, playlist.body)
    headers.append(("Content-Encoding", "gzip"))
    return Answer("200 OK", headers, playlist.zipped)


class LivePolls:
    """The last answers of public channels.

    Args:
        monotonic: tells the seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._kept: dict[str, tuple[float, Playlist, str]] = {}
        self._lock = threading.Lock()

    def keep(
        self, channel_id: int, playlist: Playlist, cache_control: str, *, since: float
    ) -> None:
        """Keep the live end of a channel that anybody may see.

        Args:
            channel_id: whose.
            playlist: as it was answered.
            cache_control: likewise.
            since: when that began, by `monotonic`. What began earlier never replaces what began
                later: a playlist must not go back.
        """
        path, until = f"/live/{channel_id}/index.m3u8", since + KEPT_S
        with self._lock:
            known = self._kept.get(path)
            if known is None or known[0] <= until:
                self._kept[path] = (until, playlist, cache_control)

    def in_front_of(self, app: WSGIApplication) -> WSGIApplication:
        """Return an application that answers from here where it can, and asks `app` otherwise."""

        def dispatch(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            kept = self._kept.get(environ["PATH_INFO"])
            if (
                kept is None
                or not is_plain(environ)
                or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}
                or self.monotonic() >= kept[0]
            ):
                return app(environ, start_response)
            return _send(answer(kept[1], environ, kept[2]), environ, start_response)

        return dispatch


def _send(
    found: Answer, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    status, headers, body = found
    if body:
        headers.append(("Content-Length", str(len(body))))
    headers += (ALLOW_ORIGIN, EXPOSE_HEADERS, ("X-Content-Type-Options", "nosniff"))
    start_response(status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" or not body else [body]
