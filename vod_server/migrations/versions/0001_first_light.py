"""First light: places, people, boxes, audit, titles, jobs, uploads.

A version is history: it imports nothing of the code it was written beside.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)

AUDIT_GUARDS = {
    "sqlite": (
        "CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
        "CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry "
        "BEGIN SELECT RAISE(ABORT, 'audit_entry is append-only'); END",
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


def upgrade() -> None:
    """Make every table of the first release."""
    _county()
    _audit()
    _catalog()
    _titles()
    _jobs()
    _uploads()


def _need(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*(columns or ("id",)), name=op.f(f"pk_{table}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _points(table: str, column: str, other: str, **options: Any) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, **options)


def _index(table: str, *columns: str, name: str = "") -> None:
    op.create_index(op.f(name or f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def _county() -> None:
    op.create_table(
        "place",
        _need("id", sa.Integer()),
        _may("parent_id", sa.Integer()),
        _need("kind", sa.String(16)),
        _need("code", sa.String(32)),
        _need("name", sa.String(80)),
        _need("path", sa.String(120)),
        _need("position", sa.Integer()),
        _key("place"),
        _unique("place", "code"),
        _points("place", "parent_id", "place"),
        _check(
            "place", "kind", "kind IN ('county', 'town', 'village', 'group', 'department')"
        ),
    )
    _index("place", "parent_id")
    _index("place", "path")
    op.create_table(
        "person",
        _need("id", sa.Integer()),
        _need("login", sa.String(64)),
        _need("name", sa.String(80)),
        _need("password_hash", sa.String(200)),
        _need("session_epoch", sa.Integer()),
        _need("active", sa.Boolean()),
        _need("created_at", INSTANT),
        _key("person"),
        _unique("person", "login"),
    )
    op.create_table(
        "role",
        _need("id", sa.Integer()),
        _need("person_id", sa.Integer()),
        _need("place_id", sa.Integer()),
        _need("kind", sa.String(32)),
        _key("role"),
        _unique("role", "person_id", "place_id", "kind"),
        _points("role", "person_id", "person"),
        _points("role", "place_id", "place"),
    )
    op.create_table(
        "sign_in_failure",
        _need("id", sa.Integer()),
        _need("login", sa.String(64)),
        _need("address", sa.String(64)),
        _need("failed_at", INSTANT),
        _key("sign_in_failure"),
    )
    _index("sign_in_failure", "login", "failed_at")
    _index("sign_in_failure", "address", "failed_at")
    op.create_table(
        "box",
        _need("id", sa.Integer()),
        _need("place_id", sa.Integer()),
        _need("name", sa.String(80)),
        _need("token_hash", sa.String(64)),
        _need("paired_at", INSTANT),
        _may("revoked_at", INSTANT),
        _key("box"),
        _unique("box", "token_hash"),
        _points("box", "place_id", "place"),
    )
    _index("box", "place_id")


def _audit() -> None:
    op.create_table(
        "audit_entry",
        _need("id", sa.Integer()),
        _need("at", INSTANT),
        _need("actor", sa.String(80)),
        _need("action", sa.String(64)),
        _need("subject", sa.String(80)),
        _may("place_id", sa.Integer()),
        _need("remark", sa.Text()),
        _need("detail", sa.JSON()),
        _key("audit_entry"),
        _points("audit_entry", "place_id", "place"),
    )
    _index("audit_entry", "subject")
    _index("audit_entry", "at")
    for statement in AUDIT_GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def _catalog() -> None:
    op.create_table(
        "category",
        _need("id", sa.Integer()),
        _need("slug", sa.String(32)),
        _need("name", sa.String(40)),
        _need("position", sa.Integer()),
        _key("category"),
        _unique("category", "slug"),
        _unique("category", "name"),
    )
    op.create_table(
        "series",
        _need("id", sa.Integer()),
        _need("name", sa.String(200)),
        _need("summary", sa.Text()),
        _key("series"),
        _unique("series", "name"),
    )
    op.create_table(
        "source_file",
        _need("id", sa.Integer()),
        _need("sha256", sa.String(64)),
        _need("size_bytes", sa.BigInteger()),
        _need("blob_key", sa.String(200)),
        _need("probe", sa.JSON()),
        _need("created_at", INSTANT),
        _key("source_file"),
        _unique("source_file", "sha256"),
    )
    op.create_table(
        "catalog_version",
        _need("id", sa.Integer()),
        _need("version", sa.Integer()),
        _key("catalog_version"),
        _check("catalog_version", "single", "id = 1"),
    )
    # There from the start: two first changes at once would otherwise both insert it.
    op.execute("INSERT INTO catalog_version (id, version) VALUES (1, 0)")


def _titles() -> None:
    op.create_table(
        "title",
        _need("id", sa.Integer()),
        _need("name", sa.String(200)),
        _need("summary", sa.Text()),
        _may("category_id", sa.Integer()),
        _may("series_id", sa.Integer()),
        _may("episode", sa.Integer()),
        _need("lecturer", sa.String(80)),
        _need("source", sa.String(120)),
        _need("licence", sa.String(80)),
        _need("required", sa.Boolean()),
        _may("study_hours", sa.Double()),
        _need("audience", sa.String(80)),
        _may("expires_on", sa.Date()),
        _need("state", sa.String(16)),
        _may("place_id", sa.Integer()),
        _may("owner_id", sa.Integer()),
        _may("source_file_id", sa.Integer()),
        _need("file_name", sa.String(255)),
        _may("duration_s", sa.Double()),
        _may("media_gen", sa.String(32)),
        _need("pictures", sa.JSON()),
        _need("created_at", INSTANT),
        _need("updated_at", INSTANT),
        _may("published_at", INSTANT),
        _key("title"),
        _check("title", "state", "state IN ('draft', 'review', 'published', 'withdrawn')"),
        _check("title", "published_at", "state <> 'published' OR published_at IS NOT NULL"),
        _check("title", "name", "length(name) > 0"),
        _points("title", "category_id", "category"),
        _points("title", "series_id", "series"),
        _points("title", "place_id", "place"),
        _points("title", "owner_id", "person"),
        _points("title", "source_file_id", "source_file"),
    )
    _index("title", "state", "category_id", "published_at", name="ix_title_shelf")
    for column in ("series_id", "place_id", "owner_id", "source_file_id"):
        _index("title", column)
    op.create_table(
        "rendition",
        _need("id", sa.Integer()),
        _need("title_id", sa.Integer()),
        _need("gen", sa.String(32)),
        _need("name", sa.String(16)),
        _need("mode", sa.String(8)),
        _need("position", sa.Integer()),
        _need("state", sa.String(8)),
        _may("measured", sa.JSON()),
        _key("rendition"),
        _unique("rendition", "title_id", "gen", "name"),
        _check("rendition", "state", "state IN ('wanted', 'ready')"),
        _check("rendition", "measured", "state <> 'ready' OR measured IS NOT NULL"),
        _points("rendition", "title_id", "title"),
    )
    op.create_table(
        "resume_position",
        _need("box_id", sa.Integer()),
        _need("title_id", sa.Integer()),
        _need("position_s", sa.Double()),
        _need("updated_at", INSTANT),
        _key("resume_position", "box_id", "title_id"),
        _check("resume_position", "position", "position_s >= 0"),
        _points("resume_position", "box_id", "box"),
        _points("resume_position", "title_id", "title"),
    )
    _index("resume_position", "box_id", "updated_at")


def _jobs() -> None:
    op.create_table(
        "job",
        _need("id", sa.Integer()),
        _need("kind", sa.String(40)),
        _need("subject", sa.String(80)),
        _need("payload", sa.JSON()),
        _need("state", sa.String(16)),
        _need("priority", sa.Integer()),
        _need("attempts", sa.Integer()),
        _need("max_attempts", sa.Integer()),
        _need("run_after", INSTANT),
        _may("lease_owner", sa.String(80)),
        _may("lease_until", INSTANT),
        _may("heartbeat_at", INSTANT),
        _need("cancel_requested", sa.Boolean()),
        _need("progress", sa.Double()),
        _may("eta_s", sa.Double()),
        _need("message", sa.Text()),
        _need("error", sa.Text()),
        _need("created_at", INSTANT),
        _may("finished_at", INSTANT),
        _key("job"),
        _check(
            "job", "state", "state IN ('queued', 'running', 'done', 'failed', 'cancelled')"
        ),
        _check("job", "progress", "progress >= 0 AND progress <= 1"),
    )
    _index("job", "state", "priority", "run_after", name="ix_job_due")
    _index("job", "subject")


def _uploads() -> None:
    op.create_table(
        "upload",
        _need("id", sa.String(32)),
        _need("owner_id", sa.Integer()),
        _need("file_name", sa.String(200)),
        _need("length_bytes", sa.BigInteger()),
        _need("state", sa.String(16)),
        _need("created_at", INSTANT),
        _need("expires_at", INSTANT),
        _need("metadata_header", sa.Text()),
        _may("fingerprint", sa.String(200)),
        _may("sha256", sa.String(64)),
        _may("title_id", sa.Integer()),
        _may("error", sa.Text()),
        _key("upload"),
        _check(
            "upload",
            "state",
            "state IN ('receiving', 'complete', 'ingesting', 'done', 'failed', 'cancelled')",
        ),
        _check("upload", "length_bytes", "length_bytes > 0"),
        _points("upload", "owner_id", "person"),
        _points("upload", "title_id", "title", ondelete="SET NULL"),
    )
    _index("upload", "owner_id", "state")
    _index("upload", "state", "expires_at")
    _index("upload", "sha256")
    _index("upload", "title_id")
