"""Tables of titles: categories, series, sources, titles, renditions, captions, positions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
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


class Category(Base):
    """A shelf of the home screen, such as 农技."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("slug"), UniqueConstraint("name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=0)


class Series(Base):
    """Titles that belong together, in an order."""

    __tablename__ = "series"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")

    titles: Mapped[list[Title]] = relationship(back_populates="series")


class SourceFile(Base):
    """An uploaded original; one row and one blob per content, whoever uploads it."""

    __tablename__ = "source_file"
    __table_args__ = (UniqueConstraint("sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    blob_key: Mapped[str] = mapped_column(String(200))
    #: `vod_server.media.probe.Probe` as JSON.
    probe: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Title(Base):
    """Something to watch."""

    __tablename__ = "title"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'review', 'published', 'withdrawn')", name="state"),
        CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published_at"),
        CheckConstraint("length(name) > 0", name="name"),
        Index("ix_title_shelf", "state", "category_id", "published_at"),
        Index(None, "owner_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), index=True)
    #: Place in the series, from 1.
    episode: Mapped[int | None] = mapped_column()
    lecturer: Mapped[str] = mapped_column(String(80), default="")
    source: Mapped[str] = mapped_column(String(120), default="")
    licence: Mapped[str] = mapped_column(String(80), default="")
    required: Mapped[bool] = mapped_column(default=False)
    study_hours: Mapped[float | None] = mapped_column()
    audience: Mapped[str] = mapped_column(String(80), default="")
    expires_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(16), default="draft")
    #: Who may see it once published: None is everybody, else the place's subtree.
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    source_file_id: Mapped[int | None] = mapped_column(ForeignKey("source_file.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(255), default="")
    duration_s: Mapped[float | None] = mapped_column()
    #: Word in the blob keys of the current renditions; made anew by every transcode.
    media_gen: Mapped[str | None] = mapped_column(String(32))
    #: `{"gen", "posters": [name], "poster": name, "sprite": {…} or null}`, or empty.
    pictures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    category: Mapped[Category | None] = relationship()
    series: Mapped[Series | None] = relationship(back_populates="titles")
    place: Mapped[Place | None] = relationship()
    owner: Mapped[Person | None] = relationship()
    source_file: Mapped[SourceFile | None] = relationship()
    renditions: Mapped[list[Rendition]] = relationship(
        back_populates="title", order_by="Rendition.position"
    )


class Rendition(Base):
    """A wanted or finished rendition of a title; `measured` says what was made."""

    __tablename__ = "rendition"
    __table_args__ = (
        UniqueConstraint("title_id", "gen", "name"),
        CheckConstraint("state IN ('wanted', 'ready')", name="state"),
        CheckConstraint("state <> 'ready' OR measured IS NOT NULL", name="measured"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("title.id"))
    gen: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(16))
    mode: Mapped[str] = mapped_column(String(8))
    position: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(String(8), default="wanted")
    #: `catalog.titles.renditions.Measured` as JSON; loaded only where playlists are made.
    measured: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True), deferred=True, deferred_raiseload=False
    )

    title: Mapped[Title] = relationship(back_populates="renditions")


class TitleCaption(Base):
    """What is said in a title, in one language; the words lie in the blob store as WebVTT."""

    __tablename__ = "title_caption"
    __table_args__ = (
        UniqueConstraint("title_id", "language"),
        CheckConstraint("cues > 0", name="cues"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("title.id"))
    #: BCP 47.
    language: Mapped[str] = mapped_column(String(35), default="zh-CN")
    #: What viewers are shown of the language.
    label: Mapped[str] = mapped_column(String(40))
    #: Word in the blob key, made anew with the words.
    gen: Mapped[str] = mapped_column(String(32))
    cues: Mapped[int] = mapped_column()
    #: Of the stored WebVTT, so that the same file given again changes nothing.
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: Login, or `system`.
    created_by: Mapped[str] = mapped_column(String(80), default="")


class ResumePosition(Base):
    """Where a box stopped watching."""

    __tablename__ = "resume_position"
    __table_args__ = (
        CheckConstraint("position_s >= 0", name="position"),
        Index(None, "box_id", "updated_at"),
    )

    box_id: Mapped[int] = mapped_column(ForeignKey("box.id"), primary_key=True)
    title_id: Mapped[int] = mapped_column(ForeignKey("title.id"), primary_key=True)
    position_s: Mapped[float] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CatalogVersion(Base):
    """One row; raised by every change a box could see, so that readers know their copy is old."""

    __tablename__ = "catalog_version"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
