"""Posters: a candidate chosen, a picture of one's own, pictures that are none."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from catalog.titles.service import set_pictures
from catalog.titles.tables import Title
from core.db import read_scope, session_scope
from tests.factories import make_title
from tests.fakes import START
from tests.vod_server.web_admin.conftest import Office
from vod_server.bootstrap import House


@pytest.fixture
def title_id(house: House, office: Office) -> int:
    with session_scope(house.sessions) as session:
        title = make_title(session, place=office.county.village)
        names = ["poster-0.jpg", "poster-1.jpg"]
        pictures = {"gen": "abc", "posters": names, "poster": names[0], "sprite": {"count": 3}}
        set_pictures(session, title, pictures, now=START)
        return title.id


def pictures_of(house: House, title_id: int) -> dict[str, Any]:
    with read_scope(house.sessions) as session:
        return session.get_one(Title, title_id).pictures


def picture(width: int = 800, height: int = 450) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "#2f8a64").save(buffer, "PNG")
    return buffer.getvalue()


def huge_png() -> bytes:
    """Return a PNG that says it has 40,000 × 40,000 pixels, and little else."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + crc

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + body + chunk(b"IEND", b"")


def send(editor, title_id: int, content: bytes, name: str = "封面.png"):
    return editor.post(f"/admin/titles/{title_id}/poster", {"file": (io.BytesIO(content), name)})


def test_a_candidate_is_chosen(enter, house: House, title_id: int) -> None:
    editor = enter("recorder")
    reply = editor.post(f"/admin/titles/{title_id}/poster", {"name": "poster-1.jpg"})
    assert reply.status_code == 303
    assert pictures_of(house, title_id)["poster"] == "poster-1.jpg"
    html = editor.get(f"/admin/titles/{title_id}").text
    assert "海报已更换" in html
    assert f"/img/{title_id}/abc/poster-1.jpg" in html


@pytest.mark.parametrize("name", ["poster-9.jpg", "../../secret.key", ""])
def test_what_is_no_candidate_is_not_chosen(enter, house: House, title_id: int, name: str) -> None:
    reply = enter("admin").post(f"/admin/titles/{title_id}/poster", {"name": name})
    assert reply.status_code == 400
    assert pictures_of(house, title_id)["poster"] == "poster-0.jpg"


def test_a_picture_of_ones_own_is_stored_and_used(enter, house: House, title_id: int) -> None:
    assert send(enter("recorder"), title_id, picture()).status_code == 303
    pictures = pictures_of(house, title_id)
    assert pictures["poster"].startswith("poster-own-")
    assert pictures["posters"] == ["poster-0.jpg", "poster-1.jpg", pictures["poster"]]
    assert pictures["sprite"] == {"count": 3}
    with (
        house.blobs.open(f"images/{title_id}/abc/{pictures['poster']}") as blob,
        Image.open(blob) as image,
    ):
        assert image.format == "JPEG"
    assert list(house.settings.path("work").iterdir()) == []


def test_a_title_without_pictures_gets_its_first(enter, house: House, office: Office) -> None:
    with session_scope(house.sessions) as session:
        title_id = make_title(session, owner=office.admin).id
    assert send(enter("admin"), title_id, picture()).status_code == 303
    pictures = pictures_of(house, title_id)
    assert house.blobs.exists(f"images/{title_id}/{pictures['gen']}/{pictures['poster']}")


@pytest.mark.parametrize("content", [b"", b"no picture at all", huge_png(), picture()[:200]])
def test_what_is_no_picture_is_refused_in_words(
    enter, house: House, title_id: int, content: bytes
) -> None:
    reply = send(enter("admin"), title_id, content)
    assert reply.status_code in {400, 413}
    assert 'class="notice notice-bad"' in reply.text
    assert pictures_of(house, title_id)["poster"] == "poster-0.jpg"
    assert list(house.settings.path("work").iterdir()) == []


@pytest.mark.parametrize(("login", "status"), [("stranger", 404), ("reviewer", 403)])
def test_whose_title_it_is_not(enter, title_id: int, login: str, status: int) -> None:
    assert send(enter(login), title_id, picture()).status_code == status
