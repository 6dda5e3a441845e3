"""Home and title requests a second and p99, against a Flask view that returns a constant.

Both run under the shipped gunicorn configuration, in turn within each round; the control is the
constant view against itself.
"""

from __future__ import annotations

import io
import json
import statistics
import tempfile
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from PIL import Image

from bench.front_door import free_port, shipped_gunicorn
from bench.wrk import Load, wrk
from catalog.titles import service
from catalog.titles.renditions import Measured, Segment
from catalog.titles.tables import Category
from core.db import session_scope
from core.settings import Settings
from vod_server.bootstrap import House, open_house
from vod_server.installing import prepare

ROUNDS = 7
SECONDS = 3
CONNECTIONS = 16
TITLES = 60

CONSTANT_APP = """
from flask import Flask, Response
application = Flask(__name__)
SIZES = {sizes}
BODIES = {{name: b"x" * size for name, size in SIZES.items()}}

@application.get("/<name>")
def constant(name):
    return Response(BODIES[name], mimetype="application/json")
"""


def run() -> dict[str, Any]:
    """Measure and return the bench's rows."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        house = make_house(folder / "var")
        ours, constant = free_port(), free_port()
        # One process each: with two, whether wrk's connections spread over both is left to chance,
        # and a round is twice as fast or not.
        env = {"CUNTAI_HOME": str(folder / "var"), "CUNTAI_WEB_WORKERS": "1"}
        env["CUNTAI_LOG_LEVEL"] = "error"
        (folder / "ours").mkdir()
        stack.enter_context(
            shipped_gunicorn(folder / "ours", "vod_server.web.wsgi", port=ours, env=env)
        )
        house.engine.dispose()
        paths = {"home": "/api/v1/home", "title": "/api/v1/titles/1"}
        sizes = {what: _size(f"http://127.0.0.1:{ours}{path}") for what, path in paths.items()}
        control = folder / "constant"
        control.mkdir()
        (control / "constant_app.py").write_text(CONSTANT_APP.format(sizes=sizes))
        stack.enter_context(shipped_gunicorn(control, "constant_app", port=constant, env=env))
        rows = []
        for what, path in paths.items():
            mine = f"http://127.0.0.1:{ours}{path}"
            rows += _compare(what, mine, f"http://127.0.0.1:{constant}/{what}", sizes[what])
    return {"name": "api", "rows": rows}


def _compare(what: str, ours: str, constant: str, size: int) -> list[dict[str, Any]]:
    for url in (ours, constant):
        _load(url)  # warm
    rounds = [(_load(ours), _load(constant), _load(constant)) for _ in range(ROUNDS)]
    errors = sum(load.errors for loads in rounds for load in loads)
    if errors:
        raise RuntimeError(f"{what}: {errors} requests failed")

    def row(
        name: str, goal: str, met: Callable[[float], bool], ratios: list[float], note: str
    ) -> dict[str, Any]:
        middle = statistics.median(ratios)
        return {
            "what": f"{what}: {name}",
            "ratio": middle,
            "unit": "×",
            "median": middle,
            "min": min(ratios),
            "max": max(ratios),
            "goal": goal,
            "met": met(middle),
            "note": note,
        }

    speed = statistics.median(mine.requests_per_s for mine, _, _ in rounds)
    p99 = statistics.median(mine.p99_ms for mine, _, _ in rounds)
    return [
        row(
            "requests/s ÷ constant view",
            "≥ 0.7 ×",
            lambda r: r >= 0.7,
            [mine.requests_per_s / control.requests_per_s for mine, control, _ in rounds],
            f"{speed:.0f}/s, {size} bytes",
        ),
        row(
            "p99 ÷ constant view",
            "≤ 1.43 ×",
            lambda r: r <= 1 / 0.7,
            [mine.p99_ms / control.p99_ms for mine, control, _ in rounds],
            f"{p99:.1f} ms",
        ),
        row(
            "control, constant ÷ constant",
            "about 1 ×",
            lambda r: 0.9 <= r <= 1.1,
            [a.requests_per_s / b.requests_per_s for _, a, b in rounds],
            "the noise of this machine",
        ),
    ]


def _load(url: str) -> Load:
    return wrk(url, connections=CONNECTIONS, seconds=SECONDS)


def _size(url: str) -> int:
    with urllib.request.urlopen(url) as reply:
        body = reply.read()
    assert json.loads(body), url
    return len(body)


def make_house(home: Path) -> House:
    """Make an installation with titles on every shelf; what they play is not asked for."""
    settings = Settings(home=home)
    house, _ = prepare(settings, admin="admin", password="not-secret-here")
    house.engine.dispose()
    house = open_house(settings)
    with session_scope(house.sessions) as session:
        shelves = session.query(Category).all()
        for number in range(TITLES):
            _add_title(house, session, shelves[number % len(shelves)], number)
    return house


def _add_title(house: House, session: Any, shelf: Category, number: int) -> None:
    now = house.clock.now()
    title = service.create_title(
        session, name=f"稻田里的第 {number} 课", now=now, category_id=shelf.id, summary="摘要" * 40
    )
    segments = tuple(Segment(f"s{i:05}.ts", 6.0, 1_000_000) for i in range(100))
    measured = Measured("720p", "encode", 1280, 720, 25.0, "avc1.4d401f", 1, 1, segments)
    service.want_renditions(session, title, [("720p", "encode")], gen="g")
    service.rendition_ready(session, title, measured, gen="g", now=now)
    house.blobs.put_bytes(f"images/{title.id}/g/poster.jpg", _poster(number))
    pictures = {"gen": "g", "posters": ["poster.jpg"], "poster": "poster.jpg", "sprite": None}
    service.set_pictures(session, title, pictures, now=now)
    service.move_title(session, title, "submit", actor="bench", now=now)
    service.move_title(session, title, "publish", actor="bench", now=now)


def _poster(number: int) -> bytes:
    """Return a poster as boxes get it: a JPEG of 640 x 360."""
    out = io.BytesIO()
    gradient = Image.linear_gradient("L").resize((640, 360)).rotate(number * 7)
    Image.merge("RGB", (gradient, gradient.transpose(Image.Transpose.ROTATE_180), gradient)).save(
        out, "JPEG", quality=82
    )
    return out.getvalue()
