"""Sessions for people only: a box sends no cookie, so none is looked for in its requests."""

from __future__ import annotations

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface


class PeopleSessions(SecureCookieSessionInterface):
    """Flask's signed cookie sessions, without the cost of the signer where there is no cookie."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of the cookie, an empty one when none was sent."""
        if "HTTP_COOKIE" not in request.environ:
            return self.session_class()
        return super().open_session(app, request)
