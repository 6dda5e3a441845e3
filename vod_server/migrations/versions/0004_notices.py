"""Notices with their scanned pages, questions of households and their answers.

A version is history: it imports nothing of the code it was written beside.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables of notices and questions."""
    _notices()
    _questions()


def _need(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _notices() -> None:
    op.create_table('notice',
    _need('id', sa.Integer()),
    _need('title', sa.String(length=80)),
    _need('body', sa.Text()),
    _need('place_id', sa.Integer()),
    _need('important', sa.Boolean()),
    _need('state', sa.String(length=16)),
    _may('expires_on', sa.Date()),
    _may('owner_id', sa.Integer()),
    _need('created_at', INSTANT),
    _need('updated_at', INSTANT),
    _may('published_at', INSTANT),
    sa.CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name=op.f('ck_notice_state')),
    sa.CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name=op.f('ck_notice_published_at')),
    sa.CheckConstraint('length(title) > 0', name=op.f('ck_notice_title')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_notice_place_id_place')),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_notice_owner_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice'))
    )
    op.create_index(op.f('ix_notice_place_id'), 'notice', ['place_id'], unique=False)
    op.create_index(op.f('ix_notice_state_published_at'), 'notice', ['state', 'published_at'], unique=False)
    op.create_table('notice_page',
    _need('id', sa.Integer()),
    _need('notice_id', sa.Integer()),
    _need('position', sa.Integer()),
    _need('sha256', sa.String(length=64)),
    _need('width', sa.Integer()),
    _need('height', sa.Integer()),
    sa.CheckConstraint('width > 0 AND height > 0', name=op.f('ck_notice_page_size')),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_notice_page_notice_id_notice')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_page')),
    sa.UniqueConstraint('notice_id', 'sha256', name=op.f('uq_notice_page_notice_id_sha256'))
    )


def _questions() -> None:
    op.create_table('question',
    _need('id', sa.Integer()),
    _need('box_id', sa.Integer()),
    _need('place_id', sa.Integer()),
    _need('text', sa.String(length=200)),
    _may('about_kind', sa.String(length=16)),
    _may('about_id', sa.Integer()),
    _need('about_name', sa.String(length=200)),
    _need('asked_at', INSTANT),
    _may('answer', sa.Text()),
    _may('answered_at', INSTANT),
    _need('answered_by', sa.String(length=80)),
    _may('seen_at', INSTANT),
    sa.CheckConstraint('length(text) > 0', name=op.f('ck_question_text')),
    sa.CheckConstraint('(about_kind IS NULL) = (about_id IS NULL)', name=op.f('ck_question_about')),
    sa.CheckConstraint("about_kind IN ('title', 'series', 'notice', 'channel')", name=op.f('ck_question_about_kind')),
    sa.CheckConstraint('(answer IS NULL) = (answered_at IS NULL)', name=op.f('ck_question_answer')),
    sa.CheckConstraint('seen_at IS NULL OR answered_at IS NOT NULL', name=op.f('ck_question_seen_at')),
    sa.ForeignKeyConstraint(['box_id'], ['box.id'], name=op.f('fk_question_box_id_box')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_question_place_id_place')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question'))
    )
    op.create_index(op.f('ix_question_answered_at_asked_at'), 'question', ['answered_at', 'asked_at'], unique=False)
    op.create_index(op.f('ix_question_box_id_asked_at'), 'question', ['box_id', 'asked_at'], unique=False)
    op.create_index(op.f('ix_question_place_id'), 'question', ['place_id'], unique=False)
