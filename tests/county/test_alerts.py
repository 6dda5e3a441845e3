"""An alert is raised once, renewed while it is open, and closed when it is over."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from county.alerts import close_alert, open_alerts, raise_alert
from tests.fakes import START


def silent(session: Session, words: str, subject: str = "channel:7") -> bool:
    return raise_alert(session, kind="channel.silent", subject=subject, words=words, now=START)


def test_raising_twice_renews_the_words(session: Session) -> None:
    assert silent(session, "10 秒没有画面")
    assert not silent(session, "60 秒没有画面")
    assert [alert.words for alert in open_alerts(session)] == ["60 秒没有画面"]


def test_a_closed_one_is_kept_and_a_new_one_may_open(session: Session) -> None:
    silent(session, "一")
    later = START + timedelta(minutes=1)
    assert close_alert(session, kind="channel.silent", subject="channel:7", now=later)
    assert not close_alert(session, kind="channel.silent", subject="channel:7", now=later)
    assert open_alerts(session) == []
    assert silent(session, "二")


def test_subjects_do_not_mix(session: Session) -> None:
    silent(session, "一")
    silent(session, "二", subject="channel:70")
    close_alert(session, kind="channel.silent", subject="channel:7", now=START)
    assert [alert.subject for alert in open_alerts(session)] == ["channel:70"]
