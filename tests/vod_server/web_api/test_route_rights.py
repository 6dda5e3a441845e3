"""Every route declares its right, and one without it is never run."""

from __future__ import annotations

from typing import get_args

import pytest
from flask import Flask
from flask.testing import FlaskClient

from county.rights import Action
from vod_server.bootstrap import House
from vod_server.web.access import declared_right, requires
from vod_server.web.app import make_app

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

#: What anybody may reach; a new public route is added here on purpose or not at all.
PUBLIC = {
    "admin.do_sign_in",
    "admin.sign_in",
    "admin.sign_out",
    "boxes_api.delete_favourite",
    "boxes_api.list_favourites",
    "boxes_api.offer_pairing",
    "boxes_api.own_box",
    "boxes_api.pairing_standing",
    "boxes_api.propose_keys",
    "boxes_api.put_favourite",
    "boxes_api.qr_code",
    "boxes_api.tell_faults",
    "catalog_api.categories",
    "catalog_api.home",
    "catalog_api.series",
    "catalog_api.title",
    "catalog_api.titles",
    "channels_api.channels",
    "exports.m3u",
    "exports.xmltv",
    "exports.xmltv_gz",
    "guide_api.delete_reminder",
    "guide_api.guide",
    "guide_api.now",
    "guide_api.put_reminder",
    "guide_api.reminders",
    "guide_api.rows",
    "health.healthz",
    "health.readyz",
    "live.window_of_channel",
    "metrics.read_metrics",
    "notices_api.ask",
    "notices_api.messages",
    "notices_api.notice",
    "notices_api.notices",
    "notices_api.seen",
    "resume_api.forget_history",
    "resume_api.list_history",
    "resume_api.list_positions",
    "resume_api.put_position",
    "rtmp_hook.publish",
    "search_api.popular",
    "search_api.search",
    "search_api.suggest",
    "tv.app_file",
    "tv.root",
    "vod.multivariant",
    "xtream.get_guide",
    "xtream.get_list",
    "xtream.panel_api",
    "xtream.play_live",
    "xtream.play_past",
    "xtream.play_past_by_query",
    "xtream.play_short",
    "xtream.play_title",
    "xtream.player_api",
}


def routes(app: Flask) -> list[str]:
    return [rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_route_declares_a_known_right(house: House) -> None:
    app = make_app(house)
    for endpoint in routes(app):
        right = declared_right(app, endpoint)
        assert right in {"public", "box", "person", *get_args(Action)}, endpoint


def test_what_is_public_is_listed(house: House) -> None:
    app = make_app(house)
    found = {e for e in routes(app) if declared_right(app, e) in {"public", "box"}}
    assert found == PUBLIC


def test_nobody_gets_in_unsigned(house: House) -> None:
    app = make_app(house)
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC | {"static"}:
            continue
        url = rule.build(dict.fromkeys(rule.arguments, 1), append_unknown=False)
        assert url is not None
        for method in (rule.methods or set()) - {"OPTIONS"}:
            reply = client.open(url[1], method=method, headers={"Tus-Resumable": "1.0.0"})
            assert reply.status_code in {302, 400, 401}, (method, url[1])
            if reply.status_code == 302:
                assert "/admin/sign-in" in reply.headers["Location"]


def test_a_view_without_a_right_is_never_run(house: House) -> None:
    app = make_app(house)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    reply: FlaskClient = app.test_client()
    assert "secret" not in reply.get("/forgotten").text
    assert reply.get("/forgotten").status_code == 403
    app.view_functions["forgotten"] = requires("public")(lambda: "shown")
    assert reply.get("/forgotten").text == "shown"
