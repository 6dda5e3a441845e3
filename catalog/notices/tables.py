"""Tables of notices and their scanned pages."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, UtcDateTime
from county.tables import Person, Place


class Notice(Base):
    """Something a place tells its people."""

    __tablename__ = "notice"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name="state"),
        CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published_at"),
        CheckConstraint("length(title) > 0", name="title"),
        Index(None, "state", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    #: Paragraphs of plain text, a line each.
    body: Mapped[str] = mapped_column(Text, default="")
    #: Whose it is, and whose subtree sees it; the county's is for everybody.
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    important: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(16), default="draft")
    #: Shown up to and including this day of the county.
    expires_on: Mapped[date | None] = mapped_column(Date)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    place: Mapped[Place] = relationship()
    owner: Mapped[Person | None] = relationship()
    pages: Mapped[list[NoticePage]] = relationship(
        back_populates="notice", order_by="(NoticePage.position, NoticePage.id)"
    )


class NoticePage(Base):
    """A scanned page; its pictures lie under `notices/<id>/<sha256>/`."""

    __tablename__ = "notice_page"
    __table_args__ = (
        UniqueConstraint("notice_id", "sha256"),
        CheckConstraint("width > 0 AND height > 0", name="size"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    position: Mapped[int] = mapped_column()
    #: Of the re-encoded picture: the same page sent again is the same page.
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int] = mapped_column()
    height: Mapped[int] = mapped_column()

    notice: Mapped[Notice] = relationship(back_populates="pages")

    @property
    def folder(self) -> str:
        """Return where its pictures lie, `notices/7/<sha256>`."""
        return page_folder(self.notice_id, self.sha256)


def page_folder(notice_id: int, sha256: str) -> str:
    """Return the folder of a page's pictures, in the store and as an address.

    Nobody can guess it who does not have the picture; and it lies apart from `images/`, which
    nginx hands out without asking, as these may be withdrawn.
    """
    return f"notices/{notice_id}/{sha256}"
