"""Signatures of media and playback addresses."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import ForbiddenError, GoneError
from vod_server.streams.signing import (
    expires_at,
    media_key,
    media_prefix,
    sign,
    sign_playback,
    verify,
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
