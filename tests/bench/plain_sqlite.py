"""An order's rows in SQLite as one writes them by hand: the least that our store is measured against."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from payflows.checkout.model import Order
from payflows.kernel.changes import log_row, outgoing
from payflows.kernel.messages import Message
from payflows.store.codec import codec_of, us_of

SCHEMA = """
CREATE TABLE orders (
    id TEXT PRIMARY KEY, status TEXT, version INT, due_us INT, payment_id TEXT UNIQUE, customer TEXT, body TEXT
);
CREATE INDEX orders_due ON orders (due_us);
CREATE TABLE log (subject TEXT, version INT, before TEXT, after TEXT, at_us INT, PRIMARY KEY (subject, version));
CREATE TABLE messages (number INTEGER PRIMARY KEY, key TEXT UNIQUE, due_us INT, status TEXT, body TEXT);
CREATE INDEX messages_due ON messages (due_us);
"""

REPLACE = "UPDATE orders SET status = ?, version = ?, due_us = ?, payment_id = ?, body = ? WHERE id = ? AND version = ?"


class PlainSqlite:
    """Orders, their log and their messages in one file, in WAL mode.

    Args:
        path: of a new file.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.executescript(SCHEMA)

    def write(self, before: Order | None, after: Order, messages: Sequence[Message]) -> None:
        """Store one version with its log row and its messages, in one transaction."""
        execute = self._connection.execute
        due_us = us_of(after.due_at) if after.due_at is not None else None
        body = json.dumps(codec_of(Order).encode(after))
        execute("BEGIN IMMEDIATE")
        if before is None:
            row = (after.id, after.status, after.version, due_us, after.payment_id, after.purchase.customer.id, body)
            execute("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        else:
            values = (after.status, after.version, due_us, after.payment_id, body, after.id, before.version)
            execute(REPLACE, values)
        entered = log_row(before, after)
        if entered is not None:
            logged = (entered.subject, entered.version, entered.before, entered.after, us_of(entered.at))
            execute("INSERT INTO log VALUES (?, ?, ?, ?, ?)", logged)
        for message in messages:
            item = outgoing(message)
            stored = json.dumps(codec_of(type(message)).encode(message))
            known = "INSERT OR IGNORE INTO messages (key, due_us, status, body) VALUES (?, ?, ?, ?)"
            execute(known, (item.key, us_of(item.came_at), item.status, stored))
        execute("COMMIT")

    def deliver_all(self) -> None:
        """Mark each message that is due as delivered, in a transaction of each."""
        execute = self._connection.execute
        while True:
            first = execute(
                "SELECT number, body FROM messages WHERE due_us IS NOT NULL ORDER BY due_us, number LIMIT 1"
            )
            found = first.fetchone()
            if found is None:
                return
            json.loads(found[1])
            execute("BEGIN IMMEDIATE")
            execute("UPDATE messages SET due_us = NULL, status = 'processed' WHERE number = ?", (found[0],))
            execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
