"""Signed, expiring addresses: of media files (nginx's secure_link) and of playback playlists.

Pure; time is an argument. The scheme is written down in docs/architecture.md, "Signed addresses".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime

from core.errors import ForbiddenError, GoneError
from core.settings import derive_key

HOUR_S = 3600


def media_key(secret: str) -> str:
    """Derive the key of media addresses (64 hex digits), which nginx may hold.

    Args:
        secret: the house's secret key, which cannot be found from the result.
    """
    return derive_key(secret, "media")


def expires_at(now: datetime, ttl_s: int) -> int:
    """Return the epoch second at which an address made now expires.

    It is the first full hour after `ttl_s` seconds from now, so that all players of one hour get
    the same, cacheable address; an address lives at most an hour longer than asked.
    """
    return (int(now.timestamp()) + ttl_s) // HOUR_S * HOUR_S + HOUR_S


def segment_expires(hour_end_s: int, now_s: int, ttl_s: int) -> int:
    """Return the epoch second at which the addresses of an hour's recorded segments expire.

    It is the hour's end and as many whole `ttl_s`, one at least, as make it lie half a `ttl_s`
    ahead: the same for every viewer, and an address does not change while its segment is listed
    in a live playlist.
    """
    expires = hour_end_s + ttl_s
    missing_s = now_s + (ttl_s + 1) // 2 - expires
    return expires + max(0, -(-missing_s // ttl_s)) * ttl_s


def sign(key: str, scope: str, expires: int) -> str:
    """Return the 22-character signature of everything below `scope` until `expires`.

    MD5 because nginx's ngx_http_secure_link_module can check nothing else; it is secure here, as
    the key comes last and a forger would need a preimage.
    """
    return _signature(key, scope, str(expires))


def verify(key: str, scope: str, expires: int | str, sig: str, now: datetime) -> None:
    """Check a media signature as nginx does: first that it is ours, then that it has not expired.

    Args:
        expires: epoch seconds, or the text of the address, which is signed letter by letter.

    Raises:
        ForbiddenError: the signature does not belong to this scope, expiry and key.
        GoneError: the signature is right, but `expires` lies in the past.
    """
    _require_equal(_signature(key, scope, str(expires)), sig)
    _require_alive(int(expires), now)


def media_prefix(key: str, scope: str, expires: int) -> str:
    """Return the address, with a slash at its end, below which the files of `scope` are served."""
    return f"/media/{sign(key, scope, expires)}/{expires}/{scope}/"


def sign_playback(key: str, title_id: int, expires: int) -> str:
    """Return the `s` of `/vod/<title_id>/index.m3u8?e=<expires>&s=<s>` (HMAC-SHA256, base64url)."""
    message = f"playback/{title_id}/{expires}".encode()
    return _base64url(hmac.new(key.encode(), message, hashlib.sha256).digest())


def verify_playback(key: str, title_id: int, expires: int, sig: str, now: datetime) -> None:
    """Check the signature of a title's playback address.

    Raises:
        ForbiddenError: the signature does not belong to this title, expiry and key.
        GoneError: the signature is right, but `expires` lies in the past.
    """
    _require_equal(sign_playback(key, title_id, expires), sig)
    _require_alive(expires, now)


def sign_live(key: str, channel_id: int, expires: int) -> str:
    """Return the `s` of `/live/<channel_id>/…?e=<expires>&s=<s>` (HMAC-SHA256, base64url)."""
    message = f"live/{channel_id}/{expires}".encode()
    return _base64url(hmac.new(key.encode(), message, hashlib.sha256).digest())


def verify_live(key: str, channel_id: int, expires: int, sig: str, now: datetime) -> None:
    """Check the signature of a channel's address.

    Raises:
        ForbiddenError: the signature does not belong to this channel, expiry and key.
        GoneError: the signature is right, but `expires` lies in the past.
    """
    _require_equal(sign_live(key, channel_id, expires), sig)
    _require_alive(expires, now)


def _signature(key: str, scope: str, expires: str) -> str:
    digest = hashlib.md5(f"{expires}/{scope} {key}".encode(), usedforsecurity=False).digest()
    return _base64url(digest)


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _require_equal(expected: str, given: str) -> None:
    # Bytes, because compare_digest refuses text beyond ASCII, which anybody can send.
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape")):
        raise ForbiddenError("播放地址的签名不对，请重新打开节目。")


def _require_alive(expires: int, now: datetime) -> None:
    if expires < int(now.timestamp()):
        raise GoneError("播放地址已过期，请重新打开节目。")
