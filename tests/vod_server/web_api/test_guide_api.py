"""Now and next, guide, rows, reminders: what a box may see, and that answers turn in time."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from core.db import session_scope
from epg.channels.version import touch_epg
from epg.guide import feeds
from epg.guide.tables import Programme
from tests.factories import County, make_channel
from tests.fakes import START, FakeClock
from vod_server.bootstrap import House
from vod_server.web.api.guide import guide_api
from vod_server.web.api.guide_edges import Edges, next_edge
from vod_server.web.app import csrf, make_app

NOW = int(START.timestamp())
H, DAY = 3600, 86400


@pytest.fixture
def client(house: House) -> FlaskClient:
    app = make_app(house)
    if guide_api.name not in app.blueprints:
        csrf.exempt(guide_api)
        app.register_blueprint(guide_api, url_prefix="/api/v1")
    return app.test_client()


def channel(house: House, *spans: tuple[int, int], **fields: Any) -> int:
    """Add a channel and its programmes, seconds from now."""
    with session_scope(house.sessions) as session:
        feed = feeds.find_feed(session, "省网") or feeds.add_feed(session, name="省网", now=START)
        found = make_channel(session, **fields)
        for start, stop in spans:
            session.add(
                Programme(
                    channel_id=found.id,
                    feed_id=feed.id,
                    start_s=NOW + start,
                    stop_s=NOW + stop,
                    title=f"节目{start}",
                    summary="说明",
                )
            )
        return found.id


def test_now_and_next_turn_at_the_edge_and_are_the_same_until_then(
    house: House, client: FlaskClient, places: County, clock: FakeClock
) -> None:
    id_ = channel(house, (-600, 900), (900, H))
    first = client.get("/api/v1/now")
    assert first.headers["Cache-Control"] == "public, max-age=15"
    [item] = first.json["items"]
    assert item["channel"] == id_
    assert (item["now"]["title"], item["next"]["title"]) == ("节目-600", "节目900")
    assert (item["now"]["now"], item["next"]["now"]) == (True, False)
    assert first.json["at"] == NOW - 600
    clock.advance(899)
    again = client.get("/api/v1/now", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    clock.advance(1)
    [item] = client.get("/api/v1/now").json["items"]
    assert (item["now"]["title"], item["next"]) == ("节目900", None)


def test_a_change_of_the_guide_shows_between_edges(
    house: House, client: FlaskClient, places: County, clock: FakeClock
) -> None:
    channel(house, (-600, H))
    before = client.get("/api/v1/now").json
    clock.advance(300)
    with session_scope(house.sessions) as session:
        session.query(Programme).update({"stop_s": NOW + 400})
        touch_epg(session)
    after = client.get("/api/v1/now").json
    assert after["version"] != before["version"]
    assert after["items"][0]["now"]["stop"] == NOW + 400
    clock.advance(100)
    assert client.get("/api/v1/now").json["items"][0]["now"] is None


def test_channels_of_other_places_are_not_told_of(
    house: House, client: FlaskClient, places: County, village_box: dict[str, str]
) -> None:
    public = channel(house, (-600, H), number=1)
    mine = channel(house, (-600, H), number=2, places=[places.village])
    sister = channel(house, (-600, H), number=3, places=[places.sister])
    hidden = channel(house, (-600, H), number=4, wanted=False)
    box = {"headers": village_box}
    seen = client.get("/api/v1/now", **box)
    assert [item["channel"] for item in seen.json["items"]] == [public, mine]
    assert seen.headers["Cache-Control"].startswith("private")
    assert [i["channel"] for i in client.get("/api/v1/now").json["items"]] == [public]
    for id_ in (sister, hidden):
        assert client.get(f"/api/v1/guide?channel={id_}", **box).status_code == 404
        put = client.put(f"/api/v1/reminders/{id_}/{NOW + H}", **box)
        assert put.status_code == 404
    listed = f"/api/v1/guide/rows?channels={mine},{sister},{hidden},{public}"
    assert [row["channel"] for row in client.get(listed, **box).json["rows"]] == [mine, public]
    assert [row["channel"] for row in client.get(listed).json["rows"]] == [public]


def test_the_guide_says_what_can_be_watched_later(
    house: House, client: FlaskClient, places: County, clock: FakeClock
) -> None:
    spans = [(-8 * DAY, -8 * DAY + H), (-2 * H, -H), (-H, H), (H, 2 * H)]
    id_ = channel(house, *spans)
    asked = f"/api/v1/guide?channel={id_}&from={NOW - 9 * DAY}&to={NOW + DAY}"
    items = client.get(asked).json["items"]
    assert [item["start"] - NOW for item in items] == [start for start, _ in spans]
    gone, past, running, coming = items
    assert gone["catchup_url"] is coming["catchup_url"] is None
    assert f"start={NOW - 2 * H}" in past["catchup_url"]
    assert f"end={NOW - H}" in past["catchup_url"]
    assert f"start={NOW - H}" in running["catchup_url"]
    assert [item["now"] for item in items] == [False, False, True, False]
    assert past.keys() == {
        *("id", "channel", "title", "sub_title", "summary", "category"),
        *("start", "stop", "catchup_url", "now"),
    }
    clock.advance(H)
    items = client.get(asked).json["items"]
    assert [item["now"] for item in items] == [False, False, False, True]
    assert items[3]["catchup_url"]
    clock.advance(7 * DAY)
    assert client.get(asked).json["items"][1]["catchup_url"] is None


def test_the_guides_stretch_is_half_open_and_defaults_to_the_countys_day(
    house: House, client: FlaskClient, places: County
) -> None:
    midnight = -10 * H  # of the county: it is ten in the morning
    spans = [(midnight - H, midnight), (midnight, 0), (0, H), (14 * H, 15 * H)]
    id_ = channel(house, *spans)
    today = client.get(f"/api/v1/guide?channel={id_}").json["items"]
    assert [item["start"] - NOW for item in today] == [midnight, 0]
    asked = client.get(f"/api/v1/guide?channel={id_}&from={NOW}&to={NOW + 1}").json["items"]
    assert [item["start"] - NOW for item in asked] == [0]


@pytest.mark.parametrize(
    "query",
    [
        *("guide", "guide?channel=x", "guide?channel=1&from=-5", "guide?channel=1&from=9&to=9"),
        *("guide?channel=1&from=0&to=1296001", "guide/rows", "guide/rows?channels=a"),
        "guide/rows?channels=" + ",".join(map(str, range(21))),
        "guide/rows?channels=1&from=0&to=172801",
    ],
)
def test_what_cannot_be_asked_is_refused(client: FlaskClient, places: County, query: str) -> None:
    reply = client.get(f"/api/v1/{query}")
    assert reply.status_code == 400
    assert reply.mimetype == "application/problem+json"
    assert reply.json["detail"]


def test_a_channel_beyond_all_numbers_is_not_there(client: FlaskClient, places: County) -> None:
    assert client.get("/api/v1/guide?channel=9999999999").status_code == 404
    assert client.get("/api/v1/guide/rows?channels=9999999999").json["rows"] == []


def test_reminders_are_the_boxs_own(
    house: House, client: FlaskClient, places: County, village_box: dict[str, str]
) -> None:
    id_ = channel(house, (-H, H), (H, 2 * H))
    path = f"/api/v1/reminders/{id_}/{NOW + H}"
    for reply in (client.get("/api/v1/reminders"), client.put(path), client.delete(path)):
        assert reply.status_code == 401
    box = {"headers": village_box}
    assert client.put(path, **box).status_code == 204
    assert client.put(path, **box).status_code == 204
    items = client.get("/api/v1/reminders", **box).json["items"]
    assert items == [{"channel": id_, "start": NOW + H, "title": f"节目{H}"}]
    assert client.put(f"/api/v1/reminders/{id_}/{NOW + H + 1}", **box).status_code == 404
    assert client.put(f"/api/v1/reminders/{id_}/{NOW - H}", **box).status_code == 400
    assert client.delete(path, **box).status_code == 204
    assert client.get("/api/v1/reminders", **box).json["items"] == []


def test_an_edge_holds_until_it_is_reached_and_forgets_what_was() -> None:
    edges, forgotten = Edges(), []
    assert edges.since("k", 100, forgotten.append) == 100
    assert edges.since("k", 101, forgotten.append) == 101, "nothing was rendered"
    edges.until("k", 100, 500)
    edges.until("k", 101, 200)
    assert edges.since("k", 199, forgotten.append) == 101
    assert edges.since("k", 200, forgotten.append) == 200
    assert edges.since("k", 50, forgotten.append) == 50, "a clock set back"
    assert forgotten == [100, 101, 200]
    assert next_edge([5, 90, 70], 60, latest_s=100) == 70
    assert next_edge([5, 190], 60, latest_s=100) == 100
