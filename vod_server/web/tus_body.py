"""The body of a tus request as a stream, and the true method of a request that cannot say it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from werkzeug.exceptions import ClientDisconnected
from werkzeug.wsgi import get_content_length, get_input_stream

from vod_server.media.uploads.errors import BrokenConnectionError

CHUNK_TYPE = "application/offset+octet-stream"

#: Read away after a refusal, so that the sender of a short body sees the reply and not a reset.
DRAIN_BYTES = 4 * 1024 * 1024
DRAIN_TIMEOUT_S = 2.0


class BodyReader:
    """Reads the body of a request of any size, by `Content-Length` or chunked.

    Args:
        environ: WSGI environment, of gunicorn or werkzeug.
        stall_timeout_s: a sender silent for so long counts as gone. A machine that lost its
            network says no goodbye, and its half-open connection would lock the upload.
    """

    def __init__(self, environ: dict[str, Any], *, stall_timeout_s: float) -> None:
        self._stream = get_input_stream(environ)
        self._left = get_content_length(environ)
        self._finished = self._left == 0 or (
            self._left is None and not environ.get("wsgi.input_terminated")
        )
        self._socket = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")
        self._stall_timeout_s = stall_timeout_s

    @property
    def finished(self) -> bool:
        """Say whether nothing of the body is left on the connection."""
        return self._finished

    def length_bytes(self) -> int | None:
        """Return how much is still to come; None when only the end will tell (chunked)."""
        return 0 if self._finished else self._left

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; none at the end of the body.

        Raises:
            BrokenConnectionError: the sender went away or fell silent before the end.
        """
        if self._finished:
            return b""
        try:
            block = self._read_in_time(size if self._left is None else min(size, self._left))
        except (OSError, ClientDisconnected) as error:
            raise BrokenConnectionError("连接中断，已收到的内容已保存。") from error
        self._count(len(block))
        return block

    def _read_in_time(self, size: int) -> bytes:
        if self._socket is None:
            return self._stream.read(size)
        before = self._socket.gettimeout()
        self._socket.settimeout(self._stall_timeout_s)
        try:
            return self._stream.read(size)
        finally:
            self._socket.settimeout(before)

    def _count(self, size: int) -> None:
        if self._left is not None:
            self._left -= size
            if not size and self._left:
                raise BrokenConnectionError("连接中断，已收到的内容已保存。")
        self._finished = not size or self._left == 0

    def end(self) -> None:
        """Read a short rest away; shut the way in when there is more, so that nothing waits."""
        self._stall_timeout_s = min(self._stall_timeout_s, DRAIN_TIMEOUT_S)
        drained = 0
        with suppress(BrokenConnectionError):
            while not self._finished and drained < DRAIN_BYTES:
                drained += len(self.read(64 * 1024))
        # gunicorn ignores `Connection: close` of an application and would read the whole rest.
        if not self._finished and isinstance(self._socket, socket.socket):
            if isinstance(self._socket, ssl.SSLSocket):
                return
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RD)


class MethodOverride:
    """WSGI layer: below `prefix`, `X-HTTP-Method-Override` is the method (tus 1.0, Core).

    It stands in front of routing and of the CSRF check, so that these see the true method.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]], prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Run the application under the method that is meant."""
        path = environ.get("PATH_INFO", "")
        method = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE", "").strip().upper()
        if method and (path == self._prefix or path.startswith(f"{self._prefix}/")):
            environ["REQUEST_METHOD"] = method
        return self._app(environ, start_response)
