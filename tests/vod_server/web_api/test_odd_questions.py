"""Whatever is asked, and by whom: an answer or a refusal, never a fault of the server.

On PostgreSQL, which refuses much that SQLite takes.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from core.db import session_scope
from tests.factories import County, make_box, make_person, make_title
from vod_server.bootstrap import House
from vod_server.web.access import declared_right
from vod_server.web.app import make_app

Headers = dict[str, str]

ON_POSTGRES = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
ON_SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

ODD = ["%00", "%ED%A0%80", "%25", "'", "-1", "%D9%A3", "999999999999", "9" * 40, "a" * 3000, ""]
ASKED = [
    "/titles?category={}", "/titles?series={}", "/titles?cursor={}", "/titles?limit={}",
    "/notices?cursor={}", "/history?cursor={}", "/pairing/{}", "/suggest?q={}",
    "/suggest?q={}&form=t9", "/suggest?q=a&kind={}", "/search?q={}", "/search?q=a&cursor={}",
]  # fmt: skip


@ON_POSTGRES
def test_odd_words_in_an_address(client: FlaskClient, house: House, village_box: Headers) -> None:
    with session_scope(house.sessions) as session:
        make_title(session, state="published")
    for path in (f"/api/v1{asked.format(odd)}" for asked in ASKED for odd in ODD):
        assert client.get(path, headers=village_box).status_code < 500, path


VALUES: list[Any] = [None, True, 10**30, "", "x" * 5000, "\ud800", "a\x00b", [[]], {}, float("nan")]
TOLD: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/pairing", {"model": "M"}),
    ("PUT", "/box/keys", {"model": "M", "profile": "ctc", "keys": {"ok": [13]}}),
    ("POST", "/messages", {"text": "在吗", "about": {"kind": "title", "id": 1}}),
    ("PUT", "/titles/1/resume", {"position_s": 1}),
]


@ON_POSTGRES
@pytest.mark.parametrize(("method", "path", "good"), TOLD)
def test_odd_values_in_a_body(
    client: FlaskClient, house: House, village_box: Headers, method: str, path: str, good: Any
) -> None:
    with session_scope(house.sessions) as session:
        make_title(session, state="published")
    bodies = [json.dumps({**good, field: value}) for field in good for value in VALUES]
    kinds = ("title", "series", "channel", "notice")
    bodies += [json.dumps({"text": "?", "about": {"kind": k, "id": 10**30}}) for k in kinds]
    # Thousands of brackets are deeper than the parser goes; what is long is not even read.
    for body in (*bodies, "[" * 16_000, json.dumps({**good, "more": "x" * 20_000})):
        reply = client.open(
            f"/api/v1{path}",
            method=method,
            data=body,
            headers={**village_box, "Content-Type": "application/json"},
        )
        assert reply.status_code < 500, body[:200]
    assert reply.status_code == 413


def of_boxes(app: Flask) -> list[Rule]:
    """Return the routes of the API that look for a box's token."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")]
    return [rule for rule in rules if declared_right(app, rule.endpoint) == "box"]


@ON_SQLITE
def test_a_token_that_is_none_opens_nothing_anywhere(
    client: FlaskClient, house: House, places: County
) -> None:
    with session_scope(house.sessions) as session:
        make_title(session, state="published")
    # A revoked box is told so, and is not taken for one that was never paired.
    headers = {"Authorization": "Bearer no-such-token"}
    app = make_app(house)
    assert len(of_boxes(app)) > 20
    for rule in of_boxes(app):
        values: dict[str, Any] = dict.fromkeys(rule.arguments, 1)
        if "kind" in values:
            values["kind"] = "title"
        built = rule.build(values, append_unknown=False)
        assert built is not None
        query = "?q=a&channel=1&channels=1&from=0&to=1"
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            body = {"text": "?", "count": 1} if method in {"POST", "PUT"} else None
            reply = client.open(built[1] + query, method=method, json=body, headers=headers)
            assert reply.status_code == 401, (method, built[1], reply.status_code)


@ON_SQLITE
def test_the_session_of_a_person_is_no_box(
    client: FlaskClient, house: House, places: County
) -> None:
    """These routes ask for no CSRF token: a foreign page must gain nothing by the cookie."""
    with session_scope(house.sessions) as session:
        person = make_person(session, "county_admin", places.root, login="admin")
        make_title(session, state="published")
        person_id, epoch = person.id, person.session_epoch
    with client.session_transaction() as cookie:
        cookie["person_id"], cookie["epoch"] = person_id, epoch
    assert client.get("/api/v1/messages").status_code == 401
    for method, path, body in TOLD[1:]:
        assert client.open(f"/api/v1{path}", method=method, json=body).status_code == 401
    for path in ("/favourites/title/1", "/history", "/history/1"):
        assert client.delete(f"/api/v1{path}").status_code == 401


@ON_SQLITE
def test_two_boxes_of_a_village_share_nothing_of_their_own(
    client: FlaskClient, house: House, places: County, village_box: Headers
) -> None:
    with session_scope(house.sessions) as session:
        title_id = make_title(session, state="published").id
        _, token = make_box(session, places.village)
    neighbour = {"Authorization": f"Bearer {token}"}
    resume = f"/api/v1/titles/{title_id}/resume"
    assert client.put(resume, json={"position_s": 5}, headers=village_box).status_code == 204
    favourite = f"/api/v1/favourites/title/{title_id}"
    assert client.put(favourite, headers=village_box).status_code == 204
    asked = client.post("/api/v1/messages", json={"text": "在吗"}, headers=village_box)
    question_id = (asked.json or {})["id"]
    for path in ("resume", "history", "favourites", "messages"):
        theirs: Any = client.get(f"/api/v1/{path}", headers=neighbour).json
        assert theirs["items"] == [], path
    seen = client.put(f"/api/v1/messages/{question_id}/seen", headers=neighbour)
    assert seen.status_code == 404
    for path in (f"history/{title_id}", "history", f"favourites/title/{title_id}"):
        assert client.delete(f"/api/v1/{path}", headers=neighbour).status_code == 204
    for path in ("resume", "history", "favourites", "messages"):
        mine: Any = client.get(f"/api/v1/{path}", headers=village_box).json
        assert len(mine["items"]) == 1, path
