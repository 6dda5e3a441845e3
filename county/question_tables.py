"""Table of the questions that households ask from their boxes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, UtcDateTime
from county.tables import Box, Place


class Question(Base):
    """A question, and its answer once there is one."""

    __tablename__ = "question"
    __table_args__ = (
        CheckConstraint("length(text) > 0", name="text"),
        CheckConstraint("(about_kind IS NULL) = (about_id IS NULL)", name="about"),
        CheckConstraint(
            "about_kind IN ('title', 'series', 'notice', 'channel')", name="about_kind"
        ),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer"),
        CheckConstraint("seen_at IS NULL OR answered_at IS NOT NULL", name="seen_at"),
        Index(None, "box_id", "asked_at"),
        Index(None, "answered_at", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    box_id: Mapped[int] = mapped_column(ForeignKey("box.id"))
    #: Where the box stood when it asked: who answers there does not change when the box moves.
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), index=True)
    text: Mapped[str] = mapped_column(String(200))
    about_kind: Mapped[str | None] = mapped_column(String(16))
    about_id: Mapped[int | None] = mapped_column()
    #: What it was called then; the thing itself may go.
    about_name: Mapped[str] = mapped_column(String(200), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The name on the television, not the login.
    answered_by: Mapped[str] = mapped_column(String(80), default="")
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    box: Mapped[Box] = relationship()
    place: Mapped[Place] = relationship()
