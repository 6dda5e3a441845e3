"""The web application: blueprints, access, errors, and the segments in front."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from vod_server.bootstrap import House
from vod_server.streams.delivery import EXPOSE_HEADERS, SegmentApp, in_front_of
from vod_server.web.access import register_access
from vod_server.web.admin import admin
from vod_server.web.api.boxes import boxes_api
from vod_server.web.api.catalog import catalog_api
from vod_server.web.api.channels import channels_api
from vod_server.web.api.guide import guide_api
from vod_server.web.api.notice_pictures import asks_for_pages
from vod_server.web.api.notices import notices_api
from vod_server.web.api.resume import resume_api
from vod_server.web.api.search import search_api
from vod_server.web.errors import problem, register_errors
from vod_server.web.exports import exports, xtream
from vod_server.web.health import health
from vod_server.web.live import LiveParts, live
from vod_server.web.metrics import metrics
from vod_server.web.rendered import RenderedCache
from vod_server.web.rtmp_hook import rtmp_hook
from vod_server.web.sessions import PeopleSessions
from vod_server.web.tv import tv
from vod_server.web.uploads import make_uploads
from vod_server.web.vod import vod

#: Largest body of a form; uploads stream past it under their own limit.
FORM_MAX_BYTES = 16 * 1024 * 1024

#: Pages of the admin load nothing from elsewhere and may not be framed.
PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "style-src 'self'; script-src 'self'; worker-src 'self' blob:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)

#: What boxes read, whatever origin their app has.
OPEN_BLUEPRINTS = frozenset(
    one.name
    for one in (
        boxes_api,
        catalog_api,
        channels_api,
        guide_api,
        notices_api,
        resume_api,
        search_api,
        vod,
        live,
        exports,
    )
)

csrf = CSRFProtect()


def make_app(house: House) -> Flask:
    """Return the Flask application of an installation, without the segment delivery."""
    settings = house.settings
    app = Flask(__name__)
    app.session_interface = PeopleSessions()
    app.extensions["house"] = house
    app.extensions["rendered"] = RenderedCache(house.sessions, ttl_s=settings.snapshot_ttl_s)
    app.config.update(
        SECRET_KEY=house.cookie_key,
        SESSION_COOKIE_NAME="cuntai",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=settings.session_ttl_s),
        MAX_CONTENT_LENGTH=FORM_MAX_BYTES,
        # As long as the session: an editor's page stays usable over a long upload.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # Flask's default provider
    csrf.init_app(app)
    register_access(app)
    register_errors(app)
    app.register_error_handler(CSRFError, _csrf_failed)
    app.after_request(_allow_any_origin)
    app.after_request(_harden)
    _register_blueprints(app, house)
    return app


def _register_blueprints(app: Flask, house: House) -> None:
    # Boxes send no cookie, so there is nothing a foreign page could ride on.
    for blueprint in (
        boxes_api,
        catalog_api,
        channels_api,
        guide_api,
        notices_api,
        resume_api,
        search_api,
    ):
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint, url_prefix="/api/v1")
    # Xtream players POST their password, which is all they have.
    csrf.exempt(xtream)
    csrf.exempt(rtmp_hook)
    for blueprint in (vod, live, exports, xtream, rtmp_hook, tv, health, metrics, admin):
        app.register_blueprint(blueprint)
    app.register_blueprint(make_uploads(house), url_prefix="/api/v1/uploads")


def _allow_any_origin(response: Response) -> Response:
    """Let flashed apps of any origin read what boxes read; they have a token, not a cookie."""
    if request.blueprint in OPEN_BLUEPRINTS:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers[EXPOSE_HEADERS[0]] = EXPOSE_HEADERS[1]
        if request.method == "OPTIONS":
            allowed = "Authorization, Content-Type, If-None-Match"
            response.headers["Access-Control-Allow-Headers"] = allowed
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, DELETE, OPTIONS"
            response.headers["Access-Control-Max-Age"] = "86400"
    return response


def _csrf_failed(error: CSRFError) -> Response:
    del error
    return problem(400, "页面已过期，请刷新后再试。", kind="csrf")


def _harden(response: Response) -> Response:
    response.headers.add("X-Content-Type-Options", "nosniff")
    if request.path.startswith("/admin"):
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def make_wsgi(house: House) -> Any:
    """Return what gunicorn runs: files straight from the store, everything else by Flask."""
    app = make_app(house)
    if house.settings.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    recordings = house.settings.effective_recordings_dir
    polls = cast(LiveParts, app.extensions["live"]).polls
    segments = SegmentApp(
        house.blobs, house.media_key, house.clock, recordings, asks_for_pages(house)
    )
    return in_front_of(segments, polls.in_front_of(app))
