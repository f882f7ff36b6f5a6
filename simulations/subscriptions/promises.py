"""What subscriptions promise, by the numbers with which checkers name what is broken."""

from __future__ import annotations

from collections.abc import Mapping

PROMISES: Mapping[str, str] = {
    "I1": "Stripe holds what its paid invoices say, less what was given back, and no more went back than was paid.",
    "I3": "An idempotency key stands for one call.",
    "I13": "A subscription and an invoice move only as their tables allow, and their logs say how; the end is the end.",
    "I14": "Nothing is left half-way, overdue, or to a person because of faults alone.",
    "I15": "Our books say what Stripe's say: status, period, card, end, and every invoice that is final.",
    "I16": "What a customer was answered was true, and a wish that was taken is not forgotten.",
    "I17": "An invoice is paid at most once, and in full.",
    "I18": "An invoice is tried on the days of the policy, once each, and never on a card that was declined for good.",
    "I19": "Dunning ends in time: paid, given up on its last day, or stopped because nothing is owed any more.",
    "I20": "Access is what one function makes of Stripe's status and invoices, and of the merchant's policy.",
    "I21": "A customer has at most one subscription of a product that lives at Stripe, and only one is ever paid.",
    "I22": "What was used is recorded, reported and billed once; what came too late is known not to be billed.",
    "I23": "A plan change costs what was confirmed: the exact difference for the time left, to a minor unit a line.",
    "I24": "Every business event goes out once, has its effect once, and says what happened.",
    "I27": "There is a mail for each thing that is worth one, and no other.",
    "I28": "A sign-up or an end is through ten minutes after trouble, beside what banks take.",
    "S20": "Once a subscription has ended, no invoice of it is left to be collected, unless the merchant wants that.",
    "S26": "A customer has one trial of a product, ever.",
}
"""Every promise, by its number."""
