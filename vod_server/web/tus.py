"""Resumable uploads by tus 1.0.0, as a blueprint: addresses, errors, and the layer in front."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import Blueprint, Flask, Response, request
from flask.blueprints import BlueprintSetupState

from core.errors import CuntaiError
from vod_server.media.uploads import errors
from vod_server.web.errors import problem, status_of
from vod_server.web.tus_body import CHUNK_TYPE, MethodOverride
from vod_server.web.tus_requests import TusParts, TusViews

__all__ = ["TusParts", "make_tus_blueprint"]

#: Statuses that only tus knows, or that say more to its clients than the house's own.
STATUS: dict[type[CuntaiError], int] = {
    errors.UploadBusyError: 423,
    errors.ChecksumMismatchError: 460,
    errors.BrokenConnectionError: 503,
}

#: Larger than any body: a chunk is held to the upload's own length, not to the size of a form.
NO_FORM_LIMIT = 2**62


def make_tus_blueprint(parts: TusParts, *, name: str = "uploads") -> Blueprint:
    """Return the blueprint; register it with a `url_prefix`, the address of creation.

    Args:
        parts: what it works with.
        name: of the blueprint; its endpoints are `<name>.uploads` and `<name>.upload`.
    """
    views = TusViews(parts, name)
    blueprint = Blueprint(name, __name__)
    rules = (
        ("", "uploads", views.collection, ["POST", "OPTIONS"]),
        ("/<upload_id>", "upload", views.item, ["HEAD", "PATCH", "DELETE", "OPTIONS"]),
    )
    for rule, endpoint, view, methods in rules:
        blueprint.add_url_rule(
            rule,
            endpoint,
            parts.mark_view(_function_of(view)),
            methods=methods,
            provide_automatic_options=False,
        )
    blueprint.url_value_preprocessor(_lift_form_limit)
    blueprint.before_request(views.check_version)
    blueprint.after_request(views.finish)
    blueprint.register_error_handler(CuntaiError, _known)
    blueprint.record(_install_override)
    return blueprint


def _function_of(view: Callable[..., Response]) -> Callable[..., Response]:
    """Return a function of its own for a bound method, so that a right can be declared on it."""

    @wraps(view)
    def run(**values: str) -> Response:
        return view(**values)

    return run


def _install_override(state: BlueprintSetupState) -> None:
    app = cast(Flask, state.app)
    app.wsgi_app = MethodOverride(app.wsgi_app, state.url_prefix or "")  # type: ignore[method-assign]  # how Flask is wrapped


def _lift_form_limit(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Lift the application's limit of forms for chunks, before anything asks for the form."""
    del endpoint, values
    if request.mimetype == CHUNK_TYPE:
        request.max_content_length = NO_FORM_LIMIT


def _known(error: CuntaiError) -> Response:
    """Answer an error; one of the protocol's own has a status of its own."""
    status = STATUS.get(type(error)) or status_of(error)
    reply = problem(status, error.message, kind=error.code, field=error.field)
    if isinstance(error, errors.OffsetMismatchError):
        reply.headers["Upload-Offset"] = str(error.offset_bytes)
    return reply
