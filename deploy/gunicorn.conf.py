"""How gunicorn runs Cuntai: two processes of sixteen threads, settings from `CUNTAI_*`.

gunicorn -c deploy/gunicorn.conf.py <application>
"""

import os
import re
from typing import Any

from gunicorn.glogging import Logger

from core.settings import parse_settings

_settings = parse_settings(os.environ)

bind = f"{_settings.host}:{_settings.port}"
backlog = 2048

worker_class = "gthread"
workers = _settings.web_workers
threads = _settings.web_threads
# Beyond this many connections a gthread worker does not answer at all; boxes keep theirs open.
worker_connections = 4000
keepalive = 75  # seconds; a box asks for a segment every six
timeout = 60
graceful_timeout = 30

# A heartbeat file on a slow disk looks like a worker that hangs.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

# Segments and pictures leave by sendfile(2), see vod_server/streams/bodies.py. It is on as long as
# `sendfile` is not set: gunicorn 23 reads any value of it, True too, as off.


# Signature and expiry of a media address; the password in Xtream's paths; the secret of a box that
# is being paired; what a notice's page is called, which those are told who may read it.
_SECRETS = (
    (re.compile(r"^/media/[^/]*/[^/]*"), "/media/-/-"),
    (re.compile(r"^(/(?:live|movie|series|timeshift)/[^/]+|/h[0-9]+)/[^/]+(?=/)"), r"\1/-"),
    (re.compile(r"^/api/v1/pairing/[^/]+"), "/api/v1/pairing/-"),
    (re.compile(r"^(/notices/[0-9]+)/[^/]+(?=/)"), r"\1/-"),
)


def _without_secrets(path: str) -> str:
    for pattern, instead in _SECRETS:
        path = pattern.sub(instead, path)
    return path


class _MaskingLogger(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """Writes an access log that opens no door: no query, no signature, no password in a path."""

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> Any:
        """Return the parts of a log line with `U`, the path, made safe."""
        atoms = super().atoms(resp, req, environ, request_time)
        atoms["U"] = _without_secrets(environ.get("PATH_INFO", "-"))
        return atoms


logger_class = _MaskingLogger
# Off unless asked for (`--access-logfile -`): a line a segment costs as much as the segment.
# Length by the header, since gunicorn does not count what leaves by sendfile.
access_log_format = '%(h)s %(t)s %(m)s %(U)s %(s)s %({content-length}o)s %(M)sms "%(a)s"'
