"""The tables of a store in a database. What is written into them, and when, is in `sql`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

METADATA = MetaData()


def _number() -> Column[int]:
    """In which order rows were added."""
    return Column("number", Integer, primary_key=True, autoincrement=True)


AGGREGATES = Table(
    "aggregates",
    METADATA,
    _number(),
    Column("kind", String, nullable=False),
    Column("id", String, nullable=False),
    Column("status", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("due_us", BigInteger),
    Column("body", Text, nullable=False),
    UniqueConstraint("kind", "id"),
    Index("aggregates_due", "kind", "due_us"),
)

REFERENCES = Table(
    "references",
    METADATA,
    Column("kind", String, primary_key=True),
    Column("reference", String, primary_key=True),
    Column("id", String, nullable=False),
)

GROUPS = Table(
    "groups",
    METADATA,
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("id", String, primary_key=True),
)

CLAIMS = Table(
    "claims",
    METADATA,
    Column("kind", String, primary_key=True),
    Column("claim", String, primary_key=True),
    Column("id", String, nullable=False),
)

TRANSITIONS = Table(
    "transitions",
    METADATA,
    Column("kind", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("before", String),
    Column("after", String, nullable=False),
    Column("at_us", BigInteger, nullable=False),
    Column("cause", String),
)

ENTRIES = Table(
    "entries",
    METADATA,
    _number(),
    Column("kind", String, nullable=False),
    Column("key", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("kind", "key"),
    Index("entries_of_owner", "kind", "owner", "number"),
)

ITEMS = Table(
    "items",
    METADATA,
    _number(),
    Column("queue", String, nullable=False),
    Column("key", String, nullable=False),
    Column("status", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("due_us", BigInteger),
    Column("body", Text, nullable=False),
    UniqueConstraint("queue", "key"),
    Index("items_due", "queue", "due_us"),
    Index("items_by_status", "queue", "status"),
)

RECORDS = Table(
    "records",
    METADATA,
    Column("name", String, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
)
