"""Signatures of media and playback addresses."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ForbiddenError, GoneError
from vod_server.streams.signing import (
    expires_at,
    media_key,
    media_prefix,
    segment_expires,
    sign,
    sign_live,
    sign_playback,
    verify,
    verify_live,
    verify_playback,
)

NOW = datetime(2026, 5, 1, 10, 20, 30, tzinfo=UTC)
KEY = media_key("a secret of the county's own, long enough")
SCOPE = "vod/7/a1b2c3"


def test_media_key_is_hex_and_differs_from_secret() -> None:
    assert len(bytes.fromhex(KEY)) == 32
    assert media_key("another") != KEY


def test_signature_is_what_nginx_documents() -> None:
    digest = hashlib.md5(f"1777640400/{SCOPE} {KEY}".encode()).digest()
    assert sign(KEY, SCOPE, 1777640400) == base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_expiry_is_a_full_hour_beyond_the_time_to_live() -> None:
    expires = expires_at(NOW, 6 * 3600)
    assert datetime.fromtimestamp(expires, UTC) == datetime(2026, 5, 1, 17, tzinfo=UTC)


def test_addresses_of_one_hour_are_the_same() -> None:
    hour = [NOW.replace(minute=m, second=s) for m, s in ((0, 0), (0, 1), (30, 0), (59, 59))]
    assert len({expires_at(now, 7200) for now in hour}) == 1
    assert expires_at(NOW + timedelta(hours=1), 7200) == expires_at(NOW, 7200) + 3600


@pytest.mark.parametrize("ttl_s", [1, 299, 3599, 3600, 3601, 86400])
def test_an_address_lives_at_least_its_time_and_at_most_an_hour_more(ttl_s: int) -> None:
    left_s = expires_at(NOW, ttl_s) - NOW.timestamp()
    assert ttl_s < left_s <= ttl_s + 3600


def test_good_signature_passes_until_its_last_second() -> None:
    expires = int(NOW.timestamp())
    verify(KEY, SCOPE, expires, sign(KEY, SCOPE, expires), NOW)
    with pytest.raises(GoneError, match="过期"):
        verify(KEY, SCOPE, expires, sign(KEY, SCOPE, expires), NOW + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("scope", "shift_s", "key"),
    [("vod/8/a1b2c3", 0, KEY), ("vod/7/a1b2c4", 0, KEY), (SCOPE, 3600, KEY), (SCOPE, 0, "00" * 32)],
)
def test_signature_of_something_else_is_refused(scope: str, shift_s: int, key: str) -> None:
    expires = expires_at(NOW, 600)
    with pytest.raises(ForbiddenError, match="签名"):
        verify(key, scope, expires + shift_s, sign(KEY, SCOPE, expires), NOW)


@pytest.mark.parametrize("sig", ["", "x", "签名", "\udcff", "A" * 22, "A" * 5000])
def test_any_text_as_signature_is_refused_not_an_accident(sig: str) -> None:
    with pytest.raises(ForbiddenError):
        verify(KEY, SCOPE, expires_at(NOW, 600), sig, NOW)


def test_a_wrong_signature_does_not_tell_that_it_is_expired() -> None:
    with pytest.raises(ForbiddenError):
        verify(KEY, SCOPE, 1000, "A" * 22, NOW)


def test_prefix_is_the_address_of_the_architecture() -> None:
    assert media_prefix(KEY, SCOPE, 1777640400) == (
        f"/media/{sign(KEY, SCOPE, 1777640400)}/1777640400/vod/7/a1b2c3/"
    )


def test_playback_signature_is_for_one_title_and_time() -> None:
    expires = expires_at(NOW, 600)
    sig = sign_playback(KEY, 7, expires)
    verify_playback(KEY, 7, expires, sig, NOW)
    with pytest.raises(ForbiddenError):
        verify_playback(KEY, 8, expires, sig, NOW)
    with pytest.raises(ForbiddenError):
        verify_playback(KEY, 7, expires + 1, sig, NOW)
    with pytest.raises(GoneError):
        verify_playback(KEY, 7, expires, sig, NOW + timedelta(hours=3))


def test_live_signature_is_for_one_channel_and_time() -> None:
    expires = expires_at(NOW, 600)
    sig = sign_live(KEY, 7, expires)
    verify_live(KEY, 7, expires, sig, NOW)
    for channel_id, until in ((8, expires), (7, expires + 1)):
        with pytest.raises(ForbiddenError):
            verify_live(KEY, channel_id, until, sig, NOW)
    with pytest.raises(ForbiddenError):
        verify_live(KEY, 7, expires, sign_playback(KEY, 7, expires), NOW)
    with pytest.raises(GoneError):
        verify_live(KEY, 7, expires, sig, NOW + timedelta(hours=3))


HOUR_END = 1_777_604_400


@pytest.mark.parametrize(
    ("now_s", "ttls"),
    [
        (HOUR_END - 3600, 1),
        (HOUR_END + 3 * 3600, 1),  # three hours are half of the six it has to live at least
        (HOUR_END + 3 * 3600 + 1, 2),
        (HOUR_END + 9 * 3600, 2),
        (HOUR_END + 9 * 3600 + 1, 3),
        (HOUR_END + 600 * 3600, 101),
    ],
)
def test_a_recorded_segment_expires_whole_lives_after_its_hour(now_s: int, ttls: int) -> None:
    assert segment_expires(HOUR_END, now_s, 6 * 3600) == HOUR_END + ttls * 6 * 3600


@given(st.integers(-3600, 10**8), st.integers(300, 7 * 86400))
def test_a_recorded_segment_lives_half_its_time_and_no_longer_than_need_be(
    later_s: int, ttl_s: int
) -> None:
    now_s = HOUR_END + later_s
    expires = segment_expires(HOUR_END, now_s, ttl_s)
    assert expires - now_s >= ttl_s / 2
    assert expires == HOUR_END + ttl_s or expires - ttl_s - now_s < ttl_s / 2
    assert (expires - HOUR_END) % ttl_s == 0
