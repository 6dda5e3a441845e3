"""From the path of a request to the file it may have (docs/architecture.md, "Signed addresses").

Pure; time is an argument. nginx does the same by deploy/nginx-site.conf, and a test holds the two
against each other; pictures of notices it leaves to us, as a database says who may have them.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from core.errors import InvalidInputError, NotFoundError
from vod_server.streams.signing import verify

PREFIXES = ("/media/", "/img/", "/notices/")

# Of recordings only segments, by the exact form of their names: beside them lie indexes.
_LIVE = re.compile(
    r"/media/([^/]+)/([^/]+)/(live/[0-9]{1,9})/([0-9]{8}/[0-9]{2}/[0-9]{13}-[0-9]{1,7}\.ts)",
    re.ASCII,
)
_MEDIA = re.compile(r"/media/([^/]+)/([^/]+)/(vod/[^/]+/[^/]+)/(.+)", re.DOTALL)
_IMAGE = re.compile(r"/img/([^/]+/[^/]+/[^/]+)", re.DOTALL)
_NOTICE = re.compile(r"/(notices/([0-9]{1,9})/([0-9a-f]{64})/(?:page|small)\.jpg)", re.ASCII)
_KEY = re.compile(r"(?:[A-Za-z0-9._-]+/)*[A-Za-z0-9._-]+")

# An image's name is made anew with its bytes, so a copy of it never goes stale.
IMAGE_CACHE_CONTROL = "public, max-age=31536000, immutable"

# May be withdrawn at any moment: whoever has a copy asks whether it is still good.
NOTICE_CACHE_CONTROL = "private, no-cache"

_MEDIA_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",  # RFC 8216 §4
    ".ts": "video/mp2t",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
}


class PageName(NamedTuple):
    """Of which notice a page is, and the SHA-256 it is called by."""

    notice_id: int
    sha256: str


class Address(NamedTuple):
    """What a path stands for.

    Args:
        blob_key: the file's key in its store.
        cache_control: of the reply.
        is_recorded: whether the store is that of recordings.
        page: the notice's page that it shows, which goes out only while its notice is published.
    """

    blob_key: str
    cache_control: str
    is_recorded: bool = False
    page: PageName | None = None


def resolve(path: str, key: str, now: datetime) -> Address:
    """Find the file of a request's path and check that the path may have it.

    Args:
        path: the decoded path, `/media/<sig>/<expires>/vod/<title>/<gen>/<rest>`,
            `/media/<sig>/<expires>/live/<channel>/<day>/<hour>/<name>.ts`,
            `/img/<title>/<gen>/<file>` or `/notices/<notice>/<sha256>/<file>`.
        key: the media key.

    Raises:
        NotFoundError: the path is of no such form.
        ForbiddenError: the signature is wrong.
        GoneError: the address has expired.
        InvalidInputError: the path climbs out of its folder or holds letters no key has.
    """
    if match := _LIVE.fullmatch(path):
        sig, expires, scope, rest = match.groups()
        verify(key, scope, expires, sig, now)
        age_s = int(expires) - int(now.timestamp())
        key_in_store = f"{scope}/{rest}".removeprefix("live/")
        return Address(key_in_store, f"private, max-age={age_s}, immutable", is_recorded=True)
    if match := _MEDIA.fullmatch(path):
        sig, expires, scope, rest = match.groups()
        verify(key, scope, expires, sig, now)
        # Once the signature is right `expires` is a number we wrote.
        age_s = int(expires) - int(now.timestamp())
        return Address(_checked(f"{scope}/{rest}"), f"private, max-age={age_s}")
    if match := _IMAGE.fullmatch(path):
        return Address(_checked(f"images/{match[1]}"), IMAGE_CACHE_CONTROL)
    if match := _NOTICE.fullmatch(path):
        page = PageName(int(match[2]), match[3])
        return Address(match[1], NOTICE_CACHE_CONTROL, page=page)
    raise NotFoundError("没有这个地址。")


def media_type(blob_key: str) -> str:
    """Return the MIME type by the key's ending."""
    return _MEDIA_TYPES.get(blob_key[blob_key.rfind(".") :], "application/octet-stream")


def _checked(blob_key: str) -> str:
    if not _KEY.fullmatch(blob_key) or any(part in {".", ".."} for part in blob_key.split("/")):
        raise InvalidInputError("地址中有不允许的路径。")
    return blob_key
