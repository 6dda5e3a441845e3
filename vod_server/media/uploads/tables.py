"""The upload row: who sends what, how long it is kept, and what became of it."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from catalog.titles.tables import Title
from core.db import Base, UtcDateTime
from county.tables import Person


def new_upload_id() -> str:
    """Return an id that cannot be guessed: it is the upload's address."""
    return secrets.token_hex(16)


class Upload(Base):
    """A file that is coming in or has come in; how much is there, the part file alone knows."""

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint(
            "state IN ('receiving', 'complete', 'ingesting', 'done', 'failed', 'cancelled')",
            name="state",
        ),
        CheckConstraint("length_bytes > 0", name="length_bytes"),
        Index(None, "owner_id", "state"),
        Index(None, "state", "expires_at"),
        Index(None, "sha256"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_upload_id)
    owner_id: Mapped[int] = mapped_column(ForeignKey(Person.id))
    file_name: Mapped[str] = mapped_column(String(200))
    length_bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16), default="receiving")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Moved on by every chunk. Afterwards an unfinished upload is given up, and the part file of
    #: a failed one removed.
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: `Upload-Metadata` as the client sent it; HEAD gives it back (tus 1.0, Creation).
    metadata_header: Mapped[str] = mapped_column(Text, default="")
    fingerprint: Mapped[str | None] = mapped_column(String(200))
    sha256: Mapped[str | None] = mapped_column(String(64))
    title_id: Mapped[int | None] = mapped_column(
        ForeignKey(Title.id, ondelete="SET NULL"), index=True
    )
    #: Why it failed or was given up, in Chinese for the admin.
    error: Mapped[str | None] = mapped_column(Text)
