"""The titles of a loop channel: found, added, put in order, played."""

from __future__ import annotations

import re

from catalog.titles.tables import Title
from core.db import read_scope, session_scope
from epg.channels.tables import Channel
from tests.factories import make_channel, make_measured, make_title
from tests.vod_server.web_admin.admin_site import Editor
from vod_server.bootstrap import House

HTMX = {"HX-Request": "true"}


def add(house: House, **values) -> int:
    with session_scope(house.sessions) as session:
        return make_channel(session, **values).id


def loop(house: House, channel_id: int) -> list[int]:
    with read_scope(house.sessions) as session:
        return [item.title_id for item in session.get_one(Channel, channel_id).loop]


def version(editor: Editor, channel_id: int, form: str) -> str:
    html = editor.get(f"/admin/channels/{channel_id}").text
    found = re.search(
        rf'action="/admin/channels/{channel_id}/{form}".*?name="version" value="(\w+)"',
        html,
        re.DOTALL,
    )
    assert found
    return found[1]


def film(session, name: str, **values) -> int:
    measured = make_measured("720p", segments=10)
    return make_title(session, name=name, state="published", renditions=(measured,), **values).id


def test_a_loop_is_ordered_and_begins_to_play(enter, house: House) -> None:
    with session_scope(house.sessions) as session:
        first, second = film(session, "水稻"), film(session, "果树")
    channel_id = add(house, kind="loop", name="农技轮播")
    editor = enter("admin")
    address = f"/admin/channels/{channel_id}/loop"
    form = {"version": version(editor, channel_id, "loop"), "title": [second, first, second]}
    assert editor.post(address, form).status_code == 303
    assert loop(house, channel_id) == [second, first, second]
    html = editor.get(f"/admin/channels/{channel_id}").text
    ahead = re.search(r'<ol class="ahead" aria-label.*?</ol>', html, re.DOTALL)
    assert ahead
    # Which of the three is on depends on how far back the loop is said to have begun.
    told = "".join(re.findall(r"<span>(水稻|果树)</span>", ahead[0]))
    assert told in "果树水稻果树" * 4
    assert told.count("水稻") == 2
    assert 'aria-current="time"' in ahead[0]
    assert editor.post(address, form).status_code == 409


def test_titles_are_found_and_added(enter, house: House) -> None:
    with session_scope(house.sessions) as session:
        mine = film(session, "水稻育秧", category="农技")
        film(session, "反诈", category="法治")
        make_title(session, name="水稻草稿")
        category = session.get_one(Title, mine).category
        assert category is not None
        slug = category.slug
    channel_id = add(house, kind="loop")
    editor = enter("admin")
    found = editor.get(f"/admin/channels/{channel_id}/titles?find=水稻", headers=HTMX).text
    assert "水稻育秧" in found
    assert "水稻草稿" not in found
    assert "反诈" not in found
    rows = editor.get(f"/admin/channels/{channel_id}/loop-rows?title={mine}", headers=HTMX).text
    assert f'name="title" value="{mine}"' in rows
    rows = editor.get(f"/admin/channels/{channel_id}/loop-rows?category={slug}", headers=HTMX).text
    assert "水稻育秧" in rows
    assert "反诈" not in rows
