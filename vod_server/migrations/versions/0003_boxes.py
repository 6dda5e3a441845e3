"""Boxes: pairing by a code, what they are, their faults, their remotes, favourites; settings of places.

A version is history: it imports nothing of the code it was written beside.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add what the server knows of boxes."""
    op.add_column('box', sa.Column('model', sa.String(length=80), server_default='', nullable=False))
    op.add_column('box', sa.Column('version', sa.String(length=40), server_default='', nullable=False))
    op.add_column('box', _may('seen_at', INSTANT))
    op.create_index(op.f('ix_box_model'), 'box', ['model'], unique=False)
    _pairing()
    _faults()
    _remotes()
    _rest()


def _need(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _pairing() -> None:
    op.create_table('pairing_offer',
    _need('id', sa.Integer()),
    _need('code', sa.String(length=6)),
    _need('secret_hash', sa.String(length=64)),
    _need('token_hash', sa.String(length=64)),
    _need('model', sa.String(length=80)),
    _need('address', sa.String(length=64)),
    _need('created_at', INSTANT),
    _need('expires_at', INSTANT),
    _may('box_id', sa.Integer()),
    sa.ForeignKeyConstraint(['box_id'], ['box.id'], name=op.f('fk_pairing_offer_box_id_box')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pairing_offer')),
    sa.UniqueConstraint('code', name=op.f('uq_pairing_offer_code')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_pairing_offer_secret_hash')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_pairing_offer_token_hash'))
    )
    op.create_index(op.f('ix_pairing_offer_address'), 'pairing_offer', ['address'], unique=False)


def _faults() -> None:
    op.create_table('box_fault',
    _need('id', sa.Integer()),
    _need('source', sa.String(length=64)),
    _need('hour', sa.Integer()),
    _need('at', INSTANT),
    _need('model', sa.String(length=80)),
    _need('version', sa.String(length=40)),
    _need('count', sa.Integer()),
    _need('last', sa.Text()),
    _need('screen', sa.String(length=40)),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_box_fault')),
    sa.UniqueConstraint('source', 'hour', name=op.f('uq_box_fault_source_hour'))
    )
    op.create_index(op.f('ix_box_fault_source_at'), 'box_fault', ['source', 'at'], unique=False)


def _remotes() -> None:
    op.create_table('key_correction',
    _need('id', sa.Integer()),
    _need('model', sa.String(length=80)),
    _need('profile', sa.String(length=20)),
    _need('keys', sa.JSON()),
    _need('box_id', sa.Integer()),
    _need('state', sa.String(length=16)),
    _may('waits', sa.Boolean()),
    _may('holds', sa.Boolean()),
    _may('before_id', sa.Integer()),
    _need('created_at', INSTANT),
    _may('decided_at', INSTANT),
    _need('decided_by', sa.String(length=64)),
    sa.CheckConstraint("state IN ('waiting', 'approved', 'refused', 'replaced')", name=op.f('ck_key_correction_state')),
    sa.CheckConstraint("(state = 'waiting') = (waits IS NOT NULL)", name=op.f('ck_key_correction_waits')),
    sa.CheckConstraint("(state = 'approved') = (holds IS NOT NULL)", name=op.f('ck_key_correction_holds')),
    sa.ForeignKeyConstraint(['before_id'], ['key_correction.id'], name=op.f('fk_key_correction_before_id_key_correction')),
    sa.ForeignKeyConstraint(['box_id'], ['box.id'], name=op.f('fk_key_correction_box_id_box')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_correction')),
    sa.UniqueConstraint('box_id', 'model', 'waits', name=op.f('uq_key_correction_box_id_model_waits')),
    sa.UniqueConstraint('model', 'holds', name=op.f('uq_key_correction_model_holds'))
    )
    op.create_index(op.f('ix_key_correction_model_state'), 'key_correction', ['model', 'state'], unique=False)


def _rest() -> None:
    op.create_table('place_setting',
    _need('place_id', sa.Integer()),
    _need('name', sa.String(length=40)),
    _need('value', sa.String(length=200)),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_place_setting_place_id_place')),
    sa.PrimaryKeyConstraint('place_id', 'name', name=op.f('pk_place_setting'))
    )
    op.create_table('favourite',
    _need('box_id', sa.Integer()),
    _need('kind', sa.String(length=16)),
    _need('ref_id', sa.Integer()),
    _need('created_at', INSTANT),
    sa.CheckConstraint("kind IN ('title', 'series', 'channel')", name=op.f('ck_favourite_kind')),
    sa.ForeignKeyConstraint(['box_id'], ['box.id'], name=op.f('fk_favourite_box_id_box')),
    sa.PrimaryKeyConstraint('box_id', 'kind', 'ref_id', name=op.f('pk_favourite'))
    )
