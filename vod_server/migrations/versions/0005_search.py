"""Search: documents and their keys, the outbox, names of programmes and their showings.

Everything there is is noted in the outbox, so that a house of an earlier release finds all of it
a while after its first start.

A version is history: it imports nothing of the code it was written beside.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
KEY_TEXT = sa.String(length=24).with_variant(sa.String(length=24, collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables of search."""
    _documents()
    _showings()
    _note_all()


def _need(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _documents() -> None:
    op.create_table('search_document',
    _need('id', sa.Integer()),
    _need('kind', sa.String(length=16)),
    _need('ref', sa.String(length=64)),
    _need('name', sa.Text()),
    _need('folded', sa.Text()),
    _need('readings', sa.Text()),
    _need('fingerprint', sa.String(length=16)),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search_document')),
    sa.UniqueConstraint('kind', 'ref', name=op.f('uq_search_document_kind_ref'))
    )
    columns = ('alphabet', 'scope', 'kind', 'inside', 'key', 'rank', 'position', 'document_id')
    op.create_table('search_key',
    _need('alphabet', sa.SmallInteger()),
    sa.Column('scope', sa.Integer(), autoincrement=False, nullable=False),
    _need('kind', sa.SmallInteger()),
    _need('inside', sa.SmallInteger()),
    _need('key', KEY_TEXT),
    sa.Column('rank', sa.Integer(), autoincrement=False, nullable=False),
    _need('position', sa.SmallInteger()),
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['search_document.id'], name=op.f('fk_search_key_document_id_search_document')),
    sa.PrimaryKeyConstraint(*columns, name=op.f('pk_search_key')),
    sqlite_with_rowid=False,
    )
    op.create_index(op.f('ix_search_key_document_id'), 'search_key', ['document_id'], unique=False)
    op.create_table('search_outbox',
    _need('id', sa.Integer()),
    _need('kind', sa.String(length=16)),
    _need('ref', sa.String(length=64)),
    _need('at', INSTANT),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search_outbox'))
    )
    op.create_index(op.f('ix_search_outbox_kind_id'), 'search_outbox', ['kind', 'id'], unique=False)


def _showings() -> None:
    op.create_table('programme_name',
    _need('id', sa.Integer()),
    _need('name', sa.String(length=200)),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme_name')),
    sa.UniqueConstraint('name', name=op.f('uq_programme_name_name'))
    )
    op.create_table('showing',
    sa.Column('channel_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('start_s', sa.BigInteger(), autoincrement=False, nullable=False),
    _need('stop_s', sa.BigInteger()),
    _need('programme_id', sa.Integer()),
    _need('name_id', sa.Integer()),
    sa.ForeignKeyConstraint(['name_id'], ['programme_name.id'], name=op.f('fk_showing_name_id_programme_name')),
    sa.PrimaryKeyConstraint('channel_id', 'start_s', name=op.f('pk_showing'))
    )
    op.create_index(op.f('ix_showing_name_id_start_s'), 'showing', ['name_id', 'start_s'], unique=False)


def _note_all() -> None:
    for kind, table in (('series', 'series'), ('title', 'title'), ('channel', 'channel'), ('guide', 'channel')):
        op.execute(
            "INSERT INTO search_outbox (kind, ref, at) "
            f"SELECT '{kind}', CAST(id AS VARCHAR(64)), CURRENT_TIMESTAMP FROM {table}"
        )
