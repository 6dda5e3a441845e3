"""Put one installation together from its settings: database, blobs, queue, keys."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Engine

from core.blobs import BlobStore
from core.blobs.opening import open_blobs
from core.clock import Clock, SystemClock
from core.db import SessionFactory, make_engine, make_session_factory
from core.jobs.wake import Waker, make_queue
from core.settings import Settings, derive_key, load_secret
from vod_server.media.uploads.store import UploadStore
from vod_server.streams.signing import media_key


@dataclass(frozen=True)
class House:
    """One installation, as its parts need it."""

    settings: Settings
    clock: Clock
    engine: Engine
    sessions: SessionFactory
    secret: str

    @cached_property
    def blobs(self) -> BlobStore:
        """Return the store of finished files."""
        return open_blobs(
            self.settings.effective_blob_url, reserve_bytes=self.settings.disk_reserve_bytes
        )

    @cached_property
    def uploads(self) -> UploadStore:
        """Return the files that are still coming in."""
        return UploadStore(
            self.settings.path("uploads"), reserve_bytes=self.settings.disk_reserve_bytes
        )

    @cached_property
    def waker(self) -> Waker:
        """Return the line to the workers."""
        queue = make_queue(self.settings.effective_database_url, self.settings.path("huey.db"))
        return Waker(queue)

    @property
    def media_key(self) -> str:
        """Return the key that nginx and gunicorn check addresses with."""
        return media_key(self.secret)

    @property
    def cookie_key(self) -> str:
        """Return the key that signs sessions."""
        return derive_key(self.secret, "cookie")

    @property
    def pairing_key(self) -> str:
        """Return the key that tokens of boxes are made with (`county.pairing`)."""
        return derive_key(self.secret, "pairing")


def open_house(
    settings: Settings, *, clock: Clock | None = None, create_secret: bool = False
) -> House:
    """Return the installation of the settings; nothing is connected before it is used.

    Args:
        settings: see `core.settings`.
        clock: the time; the machine's when None.
        create_secret: make a secret key where there is none.

    Raises:
        SettingsError: there is no secret key.
    """
    engine = make_engine(settings.effective_database_url)
    return House(
        settings=settings,
        clock=clock or SystemClock(),
        engine=engine,
        sessions=make_session_factory(engine),
        secret=load_secret(settings, create=create_secret),
    )
