"""What a marketplace promises, by the numbers with which checkers name what is broken."""

from __future__ import annotations

from collections.abc import Mapping

PROMISES: Mapping[str, str] = {
    "I1": "The ledger sums to zero, and is equal to Stripe's books, id by id, once all is calm.",
    "I2": "A buyer is charged once for a sale, and gets back no more than was paid.",
    "I3": "An idempotency key stands for one call.",
    "I13": "Every row moves only as its table allows, and its log says how.",
    "I14": "Nothing is left half-way, overdue, or to a person because of faults alone.",
    "I15": "Our rows say what Stripe's objects say.",
    "I16": "What someone was answered was true, and a wish that was taken is not forgotten.",
    "M1": "What is for one purpose moves once: each share, reversal, refund and return of a fee.",
    "M2": "A vendor has one account, and is sold for only while it may be sent money.",
    "M3": "What goes back to buyers, and what banks take, is borne by someone once all is calm, and by no one where it "
    "came back.",
    "M4": "The volume of a month is the sum of the payments that were made in it.",
    "I24": "Every event is delivered, and handled once.",
    "I27": "Every mail is sent once.",
}
"""By number; those with an M are a marketplace's."""
