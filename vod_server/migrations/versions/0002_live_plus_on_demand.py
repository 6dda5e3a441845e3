"""Live plus on-demand: channels, their recordings and play-out, the guide, keys, alerts.

A version is history: it imports nothing of the code it was written beside.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables of channels and guide."""
    _county()
    _channels()
    _runs()
    _guide()


def _need(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _county() -> None:
    op.create_table('alert',
    _need('id', sa.Integer()),
    _need('kind', sa.String(length=40)),
    _need('subject', sa.String(length=80)),
    _need('words', sa.Text()),
    _need('opened_at', INSTANT),
    _may('closed_at', INSTANT),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert'))
    )
    op.create_index(op.f('ix_alert_closed_at'), 'alert', ['closed_at'], unique=False)
    op.create_index(op.f('ix_alert_kind_subject'), 'alert', ['kind', 'subject'], unique=False)
    op.create_table('household_key',
    _need('id', sa.Integer()),
    _need('place_id', sa.Integer()),
    _need('name', sa.String(length=80)),
    _need('token_hash', sa.String(length=64)),
    _need('max_streams', sa.Integer()),
    _need('created_at', INSTANT),
    _may('expires_at', INSTANT),
    _may('revoked_at', INSTANT),
    sa.CheckConstraint('max_streams BETWEEN 1 AND 100', name=op.f('ck_household_key_max_streams')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_household_key_place_id_place')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_household_key')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_household_key_token_hash'))
    )
    op.create_index(op.f('ix_household_key_place_id'), 'household_key', ['place_id'], unique=False)
    op.create_table('stream_use',
    _need('key_id', sa.Integer()),
    _need('client', sa.String(length=32)),
    _need('subject', sa.String(length=40)),
    _need('seen_at', INSTANT),
    sa.ForeignKeyConstraint(['key_id'], ['household_key.id'], name=op.f('fk_stream_use_key_id_household_key')),
    sa.PrimaryKeyConstraint('key_id', 'client', 'subject', name=op.f('pk_stream_use'))
    )


def _channels() -> None:
    op.create_table('channel',
    _need('id', sa.Integer()),
    _need('number', sa.Integer()),
    _need('name', sa.String(length=120)),
    _need('names', sa.JSON()),
    _need('logo', sa.String(length=500)),
    _need('group_title', sa.String(length=200)),
    _need('level', sa.String(length=16)),
    _need('kind', sa.String(length=16)),
    _need('tvg_id', sa.String(length=200)),
    _need('radio', sa.Boolean()),
    _need('wanted', sa.Boolean()),
    _need('retention_days', sa.Integer()),
    _need('target_duration_s', sa.Integer()),
    _may('stream_key', sa.String(length=64)),
    _need('attributes', sa.JSON()),
    _need('created_at', INSTANT),
    _need('updated_at', INSTANT),
    sa.CheckConstraint("kind IN ('live', 'loop', 'reference')", name=op.f('ck_channel_kind')),
    sa.CheckConstraint("level IN ('central', 'province', 'city', 'county', 'town')", name=op.f('ck_channel_level')),
    sa.CheckConstraint('length(name) > 0', name=op.f('ck_channel_name')),
    sa.CheckConstraint('number BETWEEN 1 AND 9999', name=op.f('ck_channel_number')),
    sa.CheckConstraint('retention_days BETWEEN 0 AND 366', name=op.f('ck_channel_retention_days')),
    sa.CheckConstraint('target_duration_s BETWEEN 1 AND 20', name=op.f('ck_channel_target_duration_s')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel')),
    sa.UniqueConstraint('number', name=op.f('uq_channel_number')),
    sa.UniqueConstraint('stream_key', name=op.f('uq_channel_stream_key'))
    )
    op.create_index(op.f('ix_channel_tvg_id'), 'channel', ['tvg_id'], unique=False)
    op.create_table('channel_place',
    _need('channel_id', sa.Integer()),
    _need('place_id', sa.Integer()),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_channel_place_channel_id_channel')),
    sa.ForeignKeyConstraint(['place_id'], ['place.id'], name=op.f('fk_channel_place_place_id_place')),
    sa.PrimaryKeyConstraint('channel_id', 'place_id', name=op.f('pk_channel_place'))
    )
    op.create_index(op.f('ix_channel_place_place_id'), 'channel_place', ['place_id'], unique=False)
    op.create_table('channel_source',
    _need('id', sa.Integer()),
    _need('channel_id', sa.Integer()),
    _need('position', sa.Integer()),
    _need('kind', sa.String(length=8)),
    _need('url', sa.Text()),
    _need('mode', sa.String(length=8)),
    sa.CheckConstraint("kind IN ('hls', 'http', 'udp', 'rtp', 'srt', 'rtmp', 'push', 'file', 'card')", name=op.f('ck_channel_source_kind')),
    sa.CheckConstraint("mode IN ('auto', 'copy', 'encode')", name=op.f('ck_channel_source_mode')),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_channel_source_channel_id_channel')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_channel_source'))
    )
    op.create_index(op.f('ix_channel_source_channel_id_position'), 'channel_source', ['channel_id', 'position'], unique=False)
    op.create_table('loop_item',
    _need('channel_id', sa.Integer()),
    _need('position', sa.Integer()),
    _need('title_id', sa.Integer()),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_loop_item_channel_id_channel')),
    sa.ForeignKeyConstraint(['title_id'], ['title.id'], name=op.f('fk_loop_item_title_id_title')),
    sa.PrimaryKeyConstraint('channel_id', 'position', name=op.f('pk_loop_item'))
    )
    op.create_index(op.f('ix_loop_item_title_id'), 'loop_item', ['title_id'], unique=False)


def _runs() -> None:
    op.create_table('epg_version',
    _need('id', sa.Integer()),
    _need('version', sa.Integer()),
    sa.CheckConstraint('id = 1', name=op.f('ck_epg_version_single')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_epg_version'))
    )
    op.create_table('channel_run',
    _need('channel_id', sa.Integer()),
    _need('owner', sa.String(length=80)),
    _may('lease_until', INSTANT),
    _need('state', sa.String(length=16)),
    _may('source_id', sa.Integer()),
    _need('mode', sa.String(length=8)),
    _may('on_air_since', INSTANT),
    _may('last_segment_at', INSTANT),
    _need('bitrate_bps', sa.Integer()),
    _need('restarts', sa.Integer()),
    _need('last_error', sa.Text()),
    _may('updated_at', INSTANT),
    sa.CheckConstraint("state IN ('off', 'starting', 'on_air', 'stalled', 'waiting')", name=op.f('ck_channel_run_state')),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_channel_run_channel_id_channel')),
    sa.PrimaryKeyConstraint('channel_id', name=op.f('pk_channel_run'))
    )
    op.create_table('playout',
    _need('id', sa.Integer()),
    _need('channel_id', sa.Integer()),
    _need('start_ms', sa.BigInteger()),
    _need('first_sequence', sa.BigInteger()),
    _need('first_discontinuity', sa.BigInteger()),
    _need('items', sa.JSON()),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_playout_channel_id_channel')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_playout')),
    sa.UniqueConstraint('channel_id', 'start_ms', name=op.f('uq_playout_channel_id_start_ms'))
    )
    op.create_table('recording_pin',
    _need('id', sa.Integer()),
    _need('channel_id', sa.Integer()),
    _need('start_ms', sa.BigInteger()),
    _need('stop_ms', sa.BigInteger()),
    _need('name', sa.String(length=200)),
    _need('created_by', sa.String(length=80)),
    _need('created_at', INSTANT),
    sa.CheckConstraint('stop_ms > start_ms', name=op.f('ck_recording_pin_span')),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_recording_pin_channel_id_channel')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recording_pin'))
    )
    op.create_index(op.f('ix_recording_pin_channel_id_start_ms'), 'recording_pin', ['channel_id', 'start_ms'], unique=False)


def _guide() -> None:
    op.create_table('guide_feed',
    _need('id', sa.Integer()),
    _need('name', sa.String(length=120)),
    _need('url', sa.Text()),
    _need('zone', sa.String(length=40)),
    _need('every_s', sa.Integer()),
    _need('enabled', sa.Boolean()),
    _need('etag', sa.String(length=200)),
    _need('last_modified', sa.String(length=80)),
    _may('asked_at', INSTANT),
    _may('taken_at', INSTANT),
    _need('programmes', sa.Integer()),
    _need('last_error', sa.Text()),
    sa.CheckConstraint('every_s >= 60', name=op.f('ck_guide_feed_every_s')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guide_feed')),
    sa.UniqueConstraint('name', name=op.f('uq_guide_feed_name'))
    )
    op.create_table('guide_channel',
    _need('id', sa.Integer()),
    _need('feed_id', sa.Integer()),
    _need('ref', sa.String(length=200)),
    _need('names', sa.JSON()),
    _need('icon', sa.Text()),
    _may('channel_id', sa.Integer()),
    _need('matched_by', sa.String(length=8)),
    _need('programmes', sa.Integer()),
    sa.CheckConstraint("matched_by IN ('', 'id', 'name', 'person', 'none')", name=op.f('ck_guide_channel_matched_by')),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_guide_channel_channel_id_channel')),
    sa.ForeignKeyConstraint(['feed_id'], ['guide_feed.id'], name=op.f('fk_guide_channel_feed_id_guide_feed')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_guide_channel')),
    sa.UniqueConstraint('feed_id', 'ref', name=op.f('uq_guide_channel_feed_id_ref'))
    )
    op.create_index(op.f('ix_guide_channel_channel_id'), 'guide_channel', ['channel_id'], unique=False)
    op.create_table('programme',
    _need('id', sa.Integer()),
    _need('channel_id', sa.Integer()),
    _may('feed_id', sa.Integer()),
    _need('start_s', sa.BigInteger()),
    _need('stop_s', sa.BigInteger()),
    _need('title', sa.Text()),
    _need('sub_title', sa.Text()),
    _need('summary', sa.Text()),
    _need('category', sa.String(length=200)),
    _may('facts', sa.JSON(none_as_null=True)),
    sa.CheckConstraint('stop_s > start_s', name=op.f('ck_programme_span')),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_programme_channel_id_channel')),
    sa.ForeignKeyConstraint(['feed_id'], ['guide_feed.id'], name=op.f('fk_programme_feed_id_guide_feed')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme'))
    )
    op.create_index(op.f('ix_programme_channel_id_start_s'), 'programme', ['channel_id', 'start_s'], unique=False)
    op.create_table('reminder',
    _need('box_id', sa.Integer()),
    _need('channel_id', sa.Integer()),
    _need('start_s', sa.BigInteger()),
    _need('title', sa.Text()),
    _need('created_at', INSTANT),
    sa.ForeignKeyConstraint(['box_id'], ['box.id'], name=op.f('fk_reminder_box_id_box')),
    sa.ForeignKeyConstraint(['channel_id'], ['channel.id'], name=op.f('fk_reminder_channel_id_channel')),
    sa.PrimaryKeyConstraint('box_id', 'channel_id', 'start_s', name=op.f('pk_reminder'))
    )
