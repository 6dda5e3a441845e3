"""What boxes and others send is never a fault of the server, whatever it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from catalog.titles.resume import save_position
from catalog.titles.tables import Series
from core.db import session_scope
from county import pairing, people
from county.box_tables import BoxFault
from county.boxes import authenticate_box
from county.tables import Box, Place
from tests.factories import County, make_box, make_title, paired
from vod_server.bootstrap import House
from vod_server.web.app import make_app

ODD = ("\ud800", "\x00", "a\x00b\udfff\x1b[2J\n")
Headers = dict[str, str]


def posted(client: FlaskClient, method: str, path: str, value: Any, own: Headers) -> int:
    # ASCII JSON says half of a surrogate pair as a program of the telly does: "\ud800".
    reply = client.open(
        path, method=method, data=json.dumps(value), content_type="application/json", headers=own
    )
    return reply.status_code


@pytest.mark.parametrize("odd", ODD)
def test_odd_signs_do_not_fell_the_server(
    client: FlaskClient, village_box: Headers, odd: str
) -> None:
    assert posted(client, "POST", "/api/v1/pairing", {"model": odd}, {}) == 201
    fault = {"model": odd, "version": odd, "count": 1, "last": odd, "screen": odd}
    assert posted(client, "POST", "/api/v1/box/faults", fault, village_box) == 204
    for keys in ({odd: [1]}, {"ok": [13]}):
        body = {"model": f"B7{odd}", "profile": f"ctc{odd}", "keys": keys}
        assert posted(client, "PUT", "/api/v1/box/keys", body, village_box) < 500
    for query in ("model=%00%1b&version=%00", "model=%ED%A0%80", "model=%FF"):
        assert client.get(f"/api/v1/box?{query}", headers=village_box).status_code == 200


def test_bodies_are_small_objects(client: FlaskClient) -> None:
    large = client.post("/api/v1/pairing", json={"model": "x" * 20_000})
    assert large.status_code == 413
    deep = client.post("/api/v1/pairing", data="[" * 16_000, content_type="application/json")
    assert deep.status_code == 400


@pytest.mark.parametrize("number", [0, 2**31, 2**63, 10**30])
def test_ids_that_no_row_has(client: FlaskClient, village_box: Headers, number: int) -> None:
    for kind in ("title", "series", "channel"):
        path = f"/api/v1/favourites/{kind}/{number}"
        assert client.put(path, headers=village_box).status_code == 404
        assert client.delete(path, headers=village_box).status_code == 204
    assert client.delete(f"/api/v1/history/{number}", headers=village_box).status_code == 204
    body = {"position_s": 10**400}
    assert posted(client, "PUT", "/api/v1/titles/1/resume", body, village_box) in {400, 404}


def test_the_secret_of_the_address_opens_nothing(
    client: FlaskClient, house: House, places: County
) -> None:
    given = client.post("/api/v1/pairing", json={"model": "B7"}).json or {}
    now = house.clock.now()
    with session_scope(house.sessions) as session:
        offer = pairing.find_offer(session, given["code"], actor="admin", now=now)
        place = session.get_one(Place, places.village.id)
        pairing.accept_offer(session, offer, place=place, name="李家", now=now)
    poll = f"/api/v1/pairing/{given['secret']}"
    token = (client.get(poll).json or {})["token"]
    stolen = {"Authorization": f"Bearer {given['secret']}"}
    assert client.get("/api/v1/box", headers=stolen).status_code == 401
    own = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/box?model=B7&version=4.1", headers=own).status_code == 200
    told = client.get(poll).json or {}
    assert told["state"] == "paired"
    assert "token" not in told
    with session_scope(house.sessions) as session:
        found = authenticate_box(session, token)
        assert session.get_one(Box, found.id).version == "4.1"


def test_wrong_codes_bar_nobody_from_signing_in(house: House) -> None:
    now = house.clock.now()
    with session_scope(house.sessions) as session:
        for number in range(people.MAX_FAILURES_PER_ADDRESS + 5):
            pairing.note_guess(session, f"eve{number}", "10.0.0.1", now=now)
        people.check_sign_in_rate(session, "li", "10.0.0.1", now=now)


def test_a_box_that_says_nothing_new_is_only_read(
    client: FlaskClient, house: House, village_box: Headers
) -> None:
    asked = "/api/v1/box?model=B7&version=2"
    client.get(asked, headers=village_box)
    said: list[str] = []

    def listen(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        del connection, cursor, rest
        said.append(statement)

    event.listen(house.engine, "before_cursor_execute", listen)
    assert client.get(asked, headers=village_box).status_code == 200
    event.remove(house.engine, "before_cursor_execute", listen)
    assert said
    assert not [one for one in said if one.startswith(("UPDATE", "BEGIN IMMEDIATE"))]


def test_a_locked_database_does_not_keep_a_box_waiting(
    client: FlaskClient, house: House, village_box: Headers
) -> None:
    with session_scope(house.sessions) as session:
        session.scalars(select(Box).with_for_update()).all()
        reply = client.get("/api/v1/box?model=B9", headers=village_box)
        assert reply.status_code == 200
    assert client.get("/api/v1/box?model=B9", headers=village_box).status_code == 200
    with session_scope(house.sessions) as session:
        assert session.scalars(select(Box.model)).one() == "B9"


def test_the_version_is_told_with_faults(
    client: FlaskClient, house: House, village_box: Headers
) -> None:
    body = {"model": "B7", "version": "5", "count": 2, "last": "at /media/sig/1", "screen": "x"}
    assert posted(client, "POST", "/api/v1/box/faults", body, village_box) == 204
    with session_scope(house.sessions) as session:
        assert session.scalars(select(Box.version)).one() == "5"
        assert session.scalars(select(BoxFault.last)).one() == "at /media/…/1"


def test_what_is_not_gone_on_with_because_it_is_over_is_finished(
    client: FlaskClient, house: House, places: County
) -> None:
    with session_scope(house.sessions) as session:
        place = session.get_one(Place, places.village.id)
        box, token = make_box(session, place)
        title = make_title(session, state="published", name="长片")
        title.duration_s = 7200.0
        # Within five minutes of the end, but not within half of one.
        save_position(session, paired(box, place), title.id, 6900.0, now=house.clock.now())
    own = {"Authorization": f"Bearer {token}"}
    assert (client.get("/api/v1/resume", headers=own).json or {})["items"] == []
    items = (client.get("/api/v1/history", headers=own).json or {})["items"]
    assert [item["finished"] for item in items] == [True]


def test_flashed_apps_may_ask_conditionally(client: FlaskClient) -> None:
    reply = client.get("/api/v1/box")
    assert reply.headers["Access-Control-Expose-Headers"] == "ETag, Date"
    preflight = client.options("/api/v1/box")
    assert "If-None-Match" in preflight.headers["Access-Control-Allow-Headers"]


def test_the_telephone_is_led_to_the_public_address(house: House) -> None:
    public = "https://tv.example.cn/"
    settings = house.settings.model_copy(update={"public_url": public})
    object.__setattr__(house, "settings", settings)
    client = make_app(house).test_client()
    given = client.post("/api/v1/pairing", json={"model": "B7"}).json or {}
    assert given["url"] == f"https://tv.example.cn/admin/boxes/pair?code={given['code']}"
    assert client.get(given["qr"]).headers["Cache-Control"].startswith("private")


def test_many_favourite_series_are_one_query(
    client: FlaskClient, house: House, places: County
) -> None:
    with session_scope(house.sessions) as session:
        _, token = make_box(session, session.get_one(Place, places.village.id))
        ids = []
        for number in range(6):
            series = Series(name=f"系列{number}")
            session.add(series)
            session.flush()
            make_title(session, state="published", name="一").series_id = series.id
            ids.append(series.id)
    own = {"Authorization": f"Bearer {token}"}
    said: list[str] = []

    def listen(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        del connection, cursor, rest
        said.append(statement)

    counts = []
    for some in (ids[:1], ids[1:]):
        for series_id in some:
            client.put(f"/api/v1/favourites/series/{series_id}", headers=own)
        said.clear()
        event.listen(house.engine, "before_cursor_execute", listen)
        items = (client.get("/api/v1/favourites", headers=own).json or {})["items"]
        event.remove(house.engine, "before_cursor_execute", listen)
        counts.append(len(said))
    # All kept at the same instant: the order stays, all the same.
    assert [item["series"]["id"] for item in items] == ids[::-1]
    assert items[0]["series"]["count"] == 1
    assert counts[0] == counts[1]
