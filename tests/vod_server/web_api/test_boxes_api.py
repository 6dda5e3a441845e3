"""What a box asks about itself; nothing of it is another box's."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from catalog.titles.resume import save_position
from core.db import session_scope
from core.errors import ConflictError, CuntaiError, NotFoundError, RateLimitedError
from county import pairing, place_settings, remotes
from county.box_tables import BoxFault
from county.boxes import PairedBox, pair_box, revoke_box
from county.tables import Box, Place
from tests.factories import County, make_box, make_channel, make_title
from tests.fakes import FakeClock
from vod_server.bootstrap import House

Headers = dict[str, str]
KEYS = {"back": [8, 461], "ok": [13]}


def add_box(house: House, place: Place, name: str = "堂屋") -> tuple[int, Headers]:
    with session_scope(house.sessions) as session:
        box, token = make_box(session, place, name=name)
        return box.id, {"Authorization": f"Bearer {token}"}


def offer(client: FlaskClient) -> dict[str, Any]:
    reply = client.post("/api/v1/pairing", json={"model": "EC6108V9"})
    assert reply.status_code == 201
    return dict(reply.json or {})


def accept(house: House, code: str, place: Place, name: str = "王大娘家") -> int:
    with session_scope(house.sessions) as session:
        now = house.clock.now()
        found = pairing.find_offer(session, code, actor="admin", now=now)
        place = session.get_one(Place, place.id)
        return pairing.accept_offer(session, found, place=place, name=name, now=now).id


def test_a_box_learns_by_its_secret_that_it_was_paired(
    client: FlaskClient, house: House, places: County
) -> None:
    given = offer(client)
    assert len(given["code"]) == 6
    assert given["expires_s"] == 900
    assert given["url"].endswith(f"/admin/boxes/pair?code={given['code']}")
    poll = f"/api/v1/pairing/{given['secret']}"
    assert client.get(poll).json == {"state": "waiting"}
    own = {"Authorization": f"Bearer {given['secret']}"}
    assert client.get("/api/v1/box", headers=own).status_code == 401
    box_id = accept(house, given["code"], places.village)
    # However often it asks: a reply that got lost costs nothing.
    for _ in range(2):
        told = client.get(poll).json or {}
        assert told["state"] == "paired"
    reply = client.get("/api/v1/box", headers={"Authorization": f"Bearer {told['token']}"})
    assert (reply.json or {})["id"] == box_id
    assert (reply.json or {})["name"] == "王大娘家"
    with session_scope(house.sessions) as session:
        assert session.get_one(Box, box_id).model == "EC6108V9"
        revoke_box(session, box_id, now=house.clock.now())
    assert client.get(poll).json == {"state": "expired"}


def test_a_code_is_good_once_and_for_a_quarter_of_an_hour(
    client: FlaskClient, house: House, places: County, clock: FakeClock
) -> None:
    first, late = offer(client), offer(client)
    accept(house, first["code"], places.village)
    with pytest.raises(NotFoundError):
        accept(house, first["code"], places.village)
    clock.advance(901)
    with pytest.raises(NotFoundError):
        accept(house, late["code"], places.village)
    assert client.get(f"/api/v1/pairing/{late['secret']}").json == {"state": "expired"}
    assert client.get("/api/v1/pairing/unknown").json == {"state": "expired"}


def test_codes_are_not_given_without_end(client: FlaskClient, clock: FakeClock) -> None:
    for _ in range(pairing.MOST_AN_HOUR):
        offer(client)
    reply = client.post("/api/v1/pairing", json={"model": "x"})
    assert reply.status_code == 429
    assert int(reply.headers["Retry-After"]) > 0
    clock.advance(3601)
    offer(client)


def test_codes_are_not_guessed_without_end(house: House) -> None:
    now = house.clock.now()
    for _ in range(pairing.MAX_WRONG):
        with session_scope(house.sessions) as session:
            pairing.note_guess(session, "eve", "127.0.0.1", now=now)
        with session_scope(house.sessions) as session, pytest.raises(NotFoundError):
            pairing.find_offer(session, "000000", actor="eve", now=now)
    with session_scope(house.sessions) as session:
        guess = pairing.note_guess(session, "eve", "127.0.0.1", now=now)
    with session_scope(house.sessions) as session:
        with pytest.raises(RateLimitedError):
            pairing.find_offer(session, "000000", actor="eve", now=now)
        pairing.forgive_guess(session, guess)
        with pytest.raises(NotFoundError):
            pairing.find_offer(session, "000000", actor="eve", now=now)


def test_guesses_made_at_once_all_count(house: House) -> None:
    now = house.clock.now()

    def look(_: int) -> type[Exception]:
        with session_scope(house.sessions) as session:
            pairing.note_guess(session, "eve", "127.0.0.1", now=now)
        started.wait()
        with session_scope(house.sessions) as session, pytest.raises(CuntaiError) as caught:
            pairing.find_offer(session, "000000", actor="eve", now=now)
        return caught.type

    tries = pairing.MAX_WRONG + 1
    started = threading.Barrier(tries)
    with ThreadPoolExecutor(tries) as pool:
        assert set(pool.map(look, range(tries))) == {RateLimitedError}


def test_the_code_is_a_picture_a_telephone_can_read(client: FlaskClient) -> None:
    given = offer(client)
    reply = client.get(given["qr"])
    picture = Image.open(BytesIO(reply.data))
    assert picture.width == picture.height >= 300
    assert client.get("/api/v1/pairing/12345x/qr.png").status_code == 404


def test_an_unpaired_box_is_told_what_holds_for_all(client: FlaskClient) -> None:
    told = client.get("/api/v1/box?model=B860A").json
    assert told == {
        "id": None,
        "name": "",
        "place": "",
        "boot": "live",
        "keys": None,
        "unread": 0,
        "notices": 0,
    }


def test_the_nearest_place_says_what_a_box_begins_with(
    client: FlaskClient, house: House, places: County
) -> None:
    _, own = add_box(house, places.village)
    with session_scope(house.sessions) as session:
        town = session.get_one(Place, places.town.id)
        place_settings.set_setting(session, town, "boot", "home")
    reply = client.get("/api/v1/box", headers=own)
    assert (reply.json or {})["boot"] == "home"
    again = client.get("/api/v1/box", headers={**own, "If-None-Match": reply.headers["ETag"]})
    assert again.status_code == 304
    with session_scope(house.sessions) as session:
        village = session.get_one(Place, places.village.id)
        place_settings.set_setting(session, village, "boot", "live")
    assert (client.get("/api/v1/box", headers=own).json or {})["boot"] == "live"
    assert (client.get("/api/v1/box").json or {})["boot"] == "live"


def test_a_correction_helps_every_box_of_the_model_once_it_is_approved(
    client: FlaskClient, house: House, places: County
) -> None:
    _, own = add_box(house, places.village)
    _, other = add_box(house, places.far, "别家")
    body = {"model": "EC6108V9", "profile": "ctc", "keys": KEYS}
    assert client.put("/api/v1/box/keys", json=body).status_code == 401
    assert client.put("/api/v1/box/keys", json=body, headers=own).status_code == 202
    asked = "/api/v1/box?model=EC6108V9"
    assert (client.get(asked, headers=other).json or {})["keys"] is None
    with session_scope(house.sessions) as session:
        waiting = remotes.list_corrections(session)[0]
        remotes.decide(session, waiting.id, "approve", by="admin", now=house.clock.now())
        with pytest.raises(ConflictError):
            remotes.decide(session, waiting.id, "refuse", by="admin", now=house.clock.now())
    assert (client.get(asked, headers=other).json or {})["keys"] == KEYS
    assert (client.get("/api/v1/box?model=B700", headers=other).json or {})["keys"] is None


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"fly": [1]},
        {"ok": []},
        {"ok": [13], "back": [13]},
        {"ok": [70000]},
        {"ok": ["13"]},
        {"ok": [True]},
        {"red": list(range(9))},
        [1],
        None,
    ],
)
def test_a_correction_that_would_lock_somebody_out_is_refused(
    client: FlaskClient, house: House, places: County, keys: Any
) -> None:
    _, own = add_box(house, places.village)
    body = {"model": "EC6108V9", "profile": "ctc", "keys": keys}
    reply = client.put("/api/v1/box/keys", json=body, headers=own)
    assert reply.status_code in {400, 422}
    assert (reply.json or {})["field"] == "keys"


def test_what_falls_is_kept_once_an_hour(
    client: FlaskClient, house: House, places: County, clock: FakeClock
) -> None:
    _, own = add_box(house, places.village)
    body = {"model": "B700", "version": "1", "count": 3, "last": "x" * 3000, "screen": "home"}
    for headers in (own, own, {}):
        assert client.post("/api/v1/box/faults", json=body, headers=headers).status_code == 204
    clock.advance(3601)
    client.post("/api/v1/box/faults", json=body, headers=own)
    with session_scope(house.sessions) as session:
        kept = session.query(BoxFault).all()
        assert len(kept) == 3
        assert {len(fault.last) for fault in kept} == {500}
    assert client.post("/api/v1/box/faults", json={"count": 0}).status_code in {400, 422}


def test_favourites_are_the_boxes_own_and_what_is_gone_is_left_out(
    client: FlaskClient, house: House, places: County
) -> None:
    _, own = add_box(house, places.village)
    _, other = add_box(house, places.village, "别家")
    with session_scope(house.sessions) as session:
        far = session.get_one(Place, places.far.id)
        shown = make_title(session, state="published", name="看得见").id
        hidden = make_title(session, state="published", name="别村的", place=far).id
        channel = make_channel(session).id
    for path in (f"title/{shown}", f"channel/{channel}"):
        assert client.put(f"/api/v1/favourites/{path}").status_code == 401
        assert client.put(f"/api/v1/favourites/{path}", headers=own).status_code == 204
    assert client.put(f"/api/v1/favourites/title/{hidden}", headers=own).status_code == 404
    items = (client.get("/api/v1/favourites", headers=own).json or {})["items"]
    assert {(item["kind"], item["id"]) for item in items} == {
        ("title", shown),
        ("channel", channel),
    }
    assert (client.get("/api/v1/favourites", headers=other).json or {})["items"] == []
    client.delete(f"/api/v1/favourites/title/{shown}", headers=own)
    items = (client.get("/api/v1/favourites", headers=own).json or {})["items"]
    assert [item["kind"] for item in items] == ["channel"]


def test_history_is_read_page_by_page_and_forgotten(
    client: FlaskClient, house: House, places: County, clock: FakeClock
) -> None:
    with session_scope(house.sessions) as session:
        place = session.get_one(Place, places.village.id)
        box, token = pair_box(session, place=place, name="堂屋", now=clock.now())
        own_box = PairedBox(box.id, place.path)
        ids = [make_title(session, state="published", name=f"第{n}课").id for n in range(45)]
        for title_id in ids:
            clock.advance(1)
            save_position(session, own_box, title_id, 5.0, now=clock.now())
    own = {"Authorization": f"Bearer {token}"}
    first = client.get("/api/v1/history", headers=own).json or {}
    second = client.get(f"/api/v1/history?cursor={first['next']}", headers=own).json or {}
    seen = [item["title"]["id"] for item in (*first["items"], *second["items"])]
    assert seen == ids[::-1]
    assert second["next"] is None
    assert client.get("/api/v1/history?cursor=x", headers=own).status_code in {400, 422}
    assert client.delete(f"/api/v1/history/{ids[0]}", headers=own).status_code == 204
    assert client.delete("/api/v1/history").status_code == 401
    assert client.delete("/api/v1/history", headers=own).status_code == 204
    assert (client.get("/api/v1/history", headers=own).json or {})["items"] == []


def test_categories_that_hold_something_are_counted(
    client: FlaskClient, house: House, places: County
) -> None:
    with session_scope(house.sessions) as session:
        title = make_title(session, state="published", name="一课")
        slug = title.category.slug if title.category else None
    items = (client.get("/api/v1/categories").json or {})["items"]
    assert [(item["slug"], item["count"]) for item in items] == ([(slug, 1)] if slug else [])
