"""An editor at the admin pages, without a browser: keeps the session, sends the CSRF token."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.factories import PASSWORD

TOKEN = re.compile(r'name="(?:csrf-token|csrf_token)" (?:content|value)="([^"]+)"')


class Editor:
    """Somebody in front of the pages of `app`."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.token = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page and remember its token."""
        reply = self.client.get(path, **options)
        found = TOKEN.search(reply.text) if reply.mimetype == "text/html" else None
        if found:
            self.token = found[1]
        return reply

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form with the token of the last page."""
        return self.client.post(path, data={"csrf_token": self.token, **(data or {})}, **options)

    def sign_in(self, login: str, password: str = PASSWORD, **form: str) -> TestResponse:
        """Go through the door; the token is the one of the new session."""
        self.get("/admin/sign-in")
        reply = self.post("/admin/sign-in", {"login": login, "password": password, **form})
        if reply.status_code == 303:
            self.get("/admin/password")
        return reply


def notices(editor: Editor, path: str = "/admin/") -> str:
    """Return the page that shows the notices of what was just done."""
    return editor.get(path).text
