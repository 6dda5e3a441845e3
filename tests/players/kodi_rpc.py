"""A running Kodi as its JSON-RPC over TCP and its screen tell of it."""

from __future__ import annotations

import io
import json
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from PIL import Image

SCREEN = (854, 480)

T = TypeVar("T")


class KodiError(Exception):
    """Kodi answered with an error, or not at all."""


@dataclass
class Kodi:
    """A running Kodi."""

    display: str
    port: int
    log: Path
    _buffer: bytes = b""
    _socket: socket.socket | None = field(default=None, repr=False)
    _asked: int = 0

    def call(self, method: str, **params: Any) -> Any:
        """Call a method of its JSON-RPC and return the result.

        Raises:
            KodiError: it refuses, or the connection is gone.
        """
        self._asked += 1
        request = {"jsonrpc": "2.0", "id": self._asked, "method": method, "params": params}
        try:
            if self._socket is None:
                self._socket = socket.create_connection(("127.0.0.1", self.port), 5)
                self._socket.settimeout(30)
            self._socket.sendall(json.dumps(request).encode())
            while True:
                reply = self._read()
                if reply.get("id") == self._asked:
                    break
        except OSError as error:
            self.close()
            raise KodiError(f"{method}: {error}") from error
        if "error" in reply:
            raise KodiError(f"{method}: {reply['error']}")
        return reply["result"]

    def wait_for(self, what: str, ask: Callable[[], T | None], at_most_s: float) -> T:
        """Ask again and again until there is an answer.

        Raises:
            KodiError: the time is up; the message has the end of Kodi's log.
        """
        deadline, last = time.monotonic() + at_most_s, ""
        while time.monotonic() < deadline:
            try:
                found = ask()
            except KodiError as error:
                last, found = str(error), None
            if found:
                return found
            time.sleep(0.3)
        raise KodiError(f"{what}: not within {at_most_s:.0f} s; {last}\n{self.tail()}")

    def screen(self) -> Image.Image:
        """Return what stands on its screen."""
        command = ["ffmpeg", "-v", "error", "-nostdin", "-f", "x11grab", "-draw_mouse", "0"]
        command += ["-video_size", f"{SCREEN[0]}x{SCREEN[1]}", "-i", self.display]
        command += ["-frames:v", "1", "-f", "image2pipe", "-c:v", "png", "-"]
        done = subprocess.run(command, capture_output=True, timeout=30, check=False)
        if not done.stdout:
            raise KodiError(f"no picture: {done.stderr.decode(errors='replace')}")
        with Image.open(io.BytesIO(done.stdout)) as picture:
            return picture.convert("L")

    def tail(self) -> str:
        """Return the end of its log."""
        if not self.log.exists():
            return "(no log)"
        return self.log.read_text(errors="replace")[-3000:]

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
            self._socket, self._buffer = None, b""

    def _read(self) -> dict[str, Any]:
        """Return the next JSON value; they follow each other without anything between."""
        assert self._socket is not None
        while True:
            try:
                value, end = json.JSONDecoder().raw_decode(self._buffer.decode())
            except ValueError:  # not whole yet, not even its last character
                more = self._socket.recv(65536)
                if not more:
                    raise OSError("Kodi closed the connection") from None
                self._buffer += more
            else:
                self._buffer = self._buffer.decode()[end:].lstrip().encode()
                assert isinstance(value, dict)
                return value
