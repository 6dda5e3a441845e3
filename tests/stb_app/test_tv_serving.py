"""How the server hands out the app's files."""

from flask import Flask

from stb_app.bundle import later_name
from vod_server.web.tv import tv


def test_page_is_asked_for_anew_and_the_second_script_kept_for_ever() -> None:
    app = Flask(__name__)
    app.register_blueprint(tv)
    client = app.test_client()
    page = client.get("/tv/", headers={"Accept-Encoding": "gzip"})
    assert (page.status_code, page.cache_control.max_age) == (200, 0)
    assert page.headers["Content-Encoding"] == "gzip"
    more = client.get(f"/tv/{later_name('more')}")
    assert more.mimetype == "text/javascript"
    assert more.cache_control.immutable
    assert more.cache_control.max_age == 365 * 86400
    again = client.get(f"/tv/{later_name('more')}", headers={"If-None-Match": more.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
