"""Tables of the county: places, people, roles, boxes and other players, the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, UtcDateTime


class Place(Base):
    """A node of the tree county → town → village → group; departments hang below the county."""

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint(
            "kind IN ('county', 'town', 'village', 'group', 'department')", name="kind"
        ),
        Index(None, "path"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(80))
    #: Ids from the root, each followed by a slash: `1/4/17/`. A subtree is a prefix.
    path: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(default=0)


class Person(Base):
    """Somebody who can sign in."""

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("login"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str] = mapped_column(String(200))
    #: Raised when the password changes or the person is barred: older sessions end.
    session_epoch: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    roles: Mapped[list[Role]] = relationship(back_populates="person")


class Role(Base):
    """A role a person holds at a place; it covers the place's subtree."""

    __tablename__ = "role"
    __table_args__ = (UniqueConstraint("person_id", "place_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    kind: Mapped[str] = mapped_column(String(32))

    person: Mapped[Person] = relationship(back_populates="roles")
    place: Mapped[Place] = relationship()


class SignInFailure(Base):
    """A failed sign-in, counted per login and per address over a short window."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index(None, "login", "failed_at"), Index(None, "address", "failed_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    failed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Box(Base):
    """A set-top box in a household; its token is shown once and kept as a hash."""

    __tablename__ = "box"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "model"))

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64))
    paired_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: What it is and what runs on it, as it says itself.
    model: Mapped[str] = mapped_column(String(80), default="", server_default="")
    version: Mapped[str] = mapped_column(String(40), default="", server_default="")
    #: Within an hour of when it was last heard of.
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    place: Mapped[Place] = relationship()


class PlaceSetting(Base):
    """A setting of a place; places below it that say nothing themselves have it too."""

    __tablename__ = "place_setting"

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


class HouseholdKey(Base):
    """A household's key for players other than the box; kept as a hash, shown once."""

    __tablename__ = "household_key"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("max_streams BETWEEN 1 AND 100", name="max_streams"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    token_hash: Mapped[str] = mapped_column(String(64))
    max_streams: Mapped[int] = mapped_column(default=3)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    place: Mapped[Place] = relationship()


class StreamUse(Base):
    """A stream a household's key is playing; counted while it was seen lately."""

    __tablename__ = "stream_use"

    key_id: Mapped[int] = mapped_column(ForeignKey("household_key.id"), primary_key=True)
    #: Which player: a hash of its address and what it calls itself.
    client: Mapped[str] = mapped_column(String(32), primary_key=True)
    #: What it plays: `channel:7`, `title:3`.
    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Alert(Base):
    """Something that needs a person, until it is over."""

    __tablename__ = "alert"
    __table_args__ = (Index(None, "closed_at"), Index(None, "kind", "subject"))

    id: Mapped[int] = mapped_column(primary_key=True)
    #: `channel.silent`, `guide.failed`, `guide.shrunk`, `disk.full` …
    kind: Mapped[str] = mapped_column(String(40))
    #: What it is about: `channel:7`, `feed:2`.
    subject: Mapped[str] = mapped_column(String(80))
    words: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditEntry(Base):
    """What somebody did: the application adds rows; the database refuses to change or drop them."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "subject"), Index(None, "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The person's login, `box:<id>`, or `system`.
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(80))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    remark: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


#: Statements that make `audit_entry` append-only, by dialect; the migration runs the same.
AUDIT_GUARDS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
        "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
        # INSERT OR REPLACE drops the old row without its DELETE trigger.
        "CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON audit_entry "
        "WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION audit_entry_refuse() RETURNS trigger AS "
        "'BEGIN RAISE EXCEPTION ''audit_entry is append-only''; END' LANGUAGE plpgsql",
        "CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()",
    ),
}

for _dialect, _statements in AUDIT_GUARDS.items():
    for _statement in _statements:
        event.listen(
            AuditEntry.__table__,
            "after_create",
            DDL(_statement).execute_if(dialect=_dialect),  # type: ignore[no-untyped-call]  # SQLAlchemy
        )
