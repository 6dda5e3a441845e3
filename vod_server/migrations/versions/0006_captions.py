"""Captions of titles.

A version is history: it imports nothing of the code it was written beside.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table of captions."""
    op.create_table('title_caption',
    _need('id', sa.Integer()),
    _need('title_id', sa.Integer()),
    _need('language', sa.String(length=35)),
    _need('label', sa.String(length=40)),
    _need('gen', sa.String(length=32)),
    _need('cues', sa.Integer()),
    _need('sha256', sa.String(length=64)),
    _need('created_at', INSTANT),
    _need('created_by', sa.String(length=80)),
    sa.CheckConstraint('cues > 0', name=op.f('ck_title_caption_cues')),
    sa.ForeignKeyConstraint(['title_id'], ['title.id'], name=op.f('fk_title_caption_title_id_title')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_title_caption')),
    sa.UniqueConstraint('title_id', 'language', name=op.f('uq_title_caption_title_id_language'))
    )


def _need(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)
