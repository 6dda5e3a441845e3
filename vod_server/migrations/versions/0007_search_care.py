"""Search: the series of a title beside its keys, and what could not be indexed.

What an earlier release indexed is indexed anew at the next reconcile: keys are made otherwise.

A version is history: it imports nothing of the code it was written beside.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the series of documents and the table of failures."""
    family = sa.Column("family", sa.String(length=64), server_default="", nullable=False)
    op.add_column("search_document", family)
    op.create_index(op.f("ix_search_document_family"), "search_document", ["family"], unique=False)
    op.create_table(
        "search_failure",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_at", INSTANT, nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("kind", "ref", name=op.f("pk_search_failure")),
    )
    op.create_index(
        op.f("ix_search_failure_next_try_at"), "search_failure", ["next_try_at"], unique=False
    )
