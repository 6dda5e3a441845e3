"""The web application with the question of nginx-rtmp on it, and a server that answers it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from vod_server.bootstrap import House
from vod_server.web.app import csrf, make_app
from vod_server.web.rtmp_hook import rtmp_hook


def hooked_app(house: House) -> Flask:
    """Return the application; nginx-rtmp has no form's token, so it is asked none."""
    app = make_app(house)
    if rtmp_hook.name not in app.blueprints:
        csrf.exempt(rtmp_hook)
        app.register_blueprint(rtmp_hook)
    return app


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Say nothing."""


@contextmanager
def answering(app: Flask) -> Iterator[int]:
    """Serve an application on the loopback; give the port."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
