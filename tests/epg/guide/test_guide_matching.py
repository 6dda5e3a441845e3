"""Whose guide it is: by id, by name, by a person's word."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.jobs.tables import Job
from epg.channels.tables import Channel
from epg.guide import feeds
from epg.guide.guessing import Named, find_matches
from epg.guide.matching import guide_channels, match, match_all, targets
from epg.guide.names import plain_name
from epg.guide.tables import GuideChannel, Programme
from tests.factories import make_channel
from tests.fakes import START


@pytest.mark.parametrize(
    ("names", "plain"),
    [
        (("CCTV-1高清", "ＣＣＴＶ１ 综合", "cctv1hd", "中央一台", "中央电视台综合频道"), "cctv1"),
        (("CCTV-1综合", "CCTV 1 4K", "央视一套", "中央第1套", "CCTV一套"), "cctv1"),
        (("CCTV5+", "CCTV-5+体育赛事高清", "CCTV5＋"), "cctv5+"),
        (("CCTV-13新闻", "中央十三台", "CCTV新闻", "中央电视台新闻频道"), "cctv13"),
        (("CCTV-10", "CCTV10科教", "中央十台"), "cctv10"),
        (("湖南卫视", "湖南卫视高清", "湖南卫视 HD", "湖南卫视超高清", "湖南卫视频道"), "湖南卫视"),
        (("BRTV北京卫视高清", "北京卫视4K"), "北京卫视"),
        (("CCTV-4K超高清",), "cctv4k"),
        (("CCTV-4 中文国际 (欧洲)",), "cctv4中文国际欧洲"),
        (("高清", "HD频道", "频道"), None),
        (("101", "１０１", " 7 "), ""),
    ],
)
def test_names_come_down_to_the_same(names: tuple[str, ...], plain: str | None) -> None:
    found = {plain_name(name) for name in names}
    assert "" not in found or plain == ""
    if plain is not None:
        assert found == {plain}


def ours(*rows: tuple[int, str, str]) -> list[Named]:
    return [Named(id_, ref, tuple(names.split("/"))) for id_, ref, names in rows]


def test_an_id_says_more_than_a_name() -> None:
    theirs = ours((1, "cctv1", "CCTV-2"), (2, "x", "CCTV-2"))
    assert find_matches(theirs, ours((7, "cctv1", "CCTV-1"), (8, "", "CCTV-2"))) == {
        1: (7, "id"),
        2: (8, "name"),
    }


def test_a_name_letter_by_letter_says_more_than_one_alike() -> None:
    theirs = ours((1, "3", "CCTV-3高清"), (2, "103", "CCTV-3"))
    assert find_matches(theirs, ours((7, "", "CCTV-3"))) == {2: (7, "name")}
    assert find_matches(theirs, ours((7, "", "CCTV-3"), (8, "", "CCTV3 综艺 HD"))) == {
        2: (7, "name"),
        1: (8, "name"),
    }


def test_what_leaves_a_choice_is_left_open() -> None:
    assert (
        find_matches(
            ours((1, "a", "湖南卫视HD"), (2, "b", "湖南卫视高清")), ours((7, "", "湖南卫视"))
        )
        == {}
    )
    assert (
        find_matches(
            ours((1, "a", "湖南卫视")), ours((7, "", "湖南卫视HD"), (8, "", "湖南卫视高清"))
        )
        == {}
    )
    assert find_matches(ours((1, "a", "101")), ours((7, "", "101"))) == {}
    assert find_matches(ours((1, "a", "湖南卫视")), ours((7, "", "湖南卫视")), [7]) == {}
    assert find_matches([], ours((7, "", "x"))) == {}


def feed_with(session: Session, *refs: tuple[str, str]) -> tuple[int, dict[str, GuideChannel]]:
    feed_id = feeds.add_feed(session, name=f"源{refs[0][0]}", now=START).id
    rows = {
        ref: GuideChannel(feed_id=feed_id, ref=ref, names=[name], matched_by="", programmes=0)
        for ref, name in refs
    }
    session.add_all(rows.values())
    session.flush()
    return feed_id, rows


def programme(session: Session, feed_id: int, channel: Channel) -> None:
    session.add(Programme(channel_id=channel.id, feed_id=feed_id, start_s=0, stop_s=60, title="x"))
    session.flush()


def test_matching_a_feed_uses_other_names_and_leaves_loops_alone(session: Session) -> None:
    feed_id, rows = feed_with(session, ("1", "中央一台"), ("2", "农技轮播"))
    channel = make_channel(session, name="综合", names=["CCTV-1"])
    make_channel(session, name="农技轮播", kind="loop")
    assert match_all(session, feed_id) == 1
    assert (rows["1"].channel_id, rows["1"].matched_by) == (channel.id, "name")
    assert rows["2"].channel_id is None
    assert [row.ref for row in guide_channels(session, feed_id, only_unmatched=True)] == ["2"]


def test_a_persons_word_is_never_overwritten(session: Session) -> None:
    feed_id, rows = feed_with(session, ("1", "甲台"), ("2", "乙台"))
    one, two = make_channel(session, name="甲台"), make_channel(session, name="乙台", tvg_id="2")
    match(session, rows["1"].id, two.id, now=START)
    match(session, rows["2"].id, None, now=START)
    match_all(session, feed_id)
    assert (rows["1"].channel_id, rows["1"].matched_by) == (two.id, "person")
    assert (rows["2"].channel_id, rows["2"].matched_by) == (None, "none")
    assert guide_channels(session, feed_id, only_unmatched=True) == []
    assert dict(targets(session, feed_id)) == {"1": [two.id]}
    assert one.id not in {row.channel_id for row in rows.values()}


def test_a_persons_match_brings_the_programmes_in_and_takes_wrong_ones_out(
    session: Session,
) -> None:
    feed_id, rows = feed_with(session, ("1", "甲台"))
    wrong, right = make_channel(session, name="甲台"), make_channel(session, name="别的")
    match_all(session, feed_id)
    programme(session, feed_id, wrong)
    match(session, rows["1"].id, right.id, now=START)
    assert session.query(Programme).count() == 0
    job = session.query(Job).one()
    assert (job.kind, job.subject) == ("fetch_guide", f"feed:{feed_id}")
    assert job.payload == {"guide_channel": rows["1"].id}


def test_a_guess_gives_way_to_a_person_and_a_person_to_nobody(session: Session) -> None:
    feed_id, rows = feed_with(session, ("1", "甲台"), ("2", "乙台"))
    channel = make_channel(session, name="甲台")
    match_all(session, feed_id)
    match(session, rows["2"].id, channel.id, now=START)
    assert (rows["1"].channel_id, rows["1"].matched_by) == (None, "")
    match_all(session, feed_id)
    assert rows["1"].channel_id is None, "the channel is taken"
    with pytest.raises(ConflictError, match="乙台"):
        match(session, rows["1"].id, channel.id, now=START)


def test_an_id_given_later_corrects_a_guess_by_name(session: Session) -> None:
    feed_id, rows = feed_with(session, ("hn", "湖南卫视"))
    guessed = make_channel(session, name="湖南卫视")
    match_all(session, feed_id)
    programme(session, feed_id, guessed)
    match_all(session, feed_id)
    assert session.query(Programme).count() == 1
    right = make_channel(session, name="湖南卫视高清", tvg_id="hn")
    match_all(session, feed_id)
    assert (rows["hn"].channel_id, rows["hn"].matched_by) == (right.id, "id")
    assert session.query(Programme).count() == 0


def test_what_cannot_be_matched_is_said(session: Session) -> None:
    _, rows = feed_with(session, ("1", "甲台"))
    loop = make_channel(session, kind="loop")
    with pytest.raises(InvalidInputError, match="轮播"):
        match(session, rows["1"].id, loop.id, now=START)
    with pytest.raises(NotFoundError):
        match(session, rows["1"].id, 999, now=START)
    with pytest.raises(NotFoundError):
        match(session, 2**40, loop.id, now=START)
