"""Money: what Stripe has taken for invoices, and that no customer is billed twice (I1, I3, I17, I21)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from payflows.errors import CallRejected
from payflows.subscriptions.billing import InvoiceStatus
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS

from simulations.search.breach import Breach
from simulations.subscriptions.checkers.state import gave_up
from simulations.subscriptions.checkers.truth import ENDED, Checked


def safety(system: Checked) -> Iterator[Breach]:
    """A breach for each promise about money that is broken now."""
    paying: Counter[tuple[str, str]] = Counter()
    for ours in system.store.all(SUBSCRIPTIONS):
        for theirs in system.stripe.subscriptions_of(ours.id):
            yield from _invoices(system, theirs.id)
            if theirs.as_subscription().status not in (*ENDED, "incomplete", "trialing"):
                paying[ours.signup.customer.id, ours.signup.product] += 1
    for (customer, product), times in paying.items():
        if times > 1:
            yield Breach("I21", customer, f"{customer} is billed for {times} subscriptions of {product}")


def _invoices(system: Checked, stripe_id: str) -> Iterator[Breach]:
    """I17: the charges of an invoice's intents that succeeded."""
    for invoice in system.stripe.invoices_of(stripe_id):
        taken = [charge for charge in system.stripe.charges_of(invoice.id) if charge.status == "succeeded"]
        if len(taken) > 1:
            yield Breach("I17", invoice.id, f"{invoice.id} was charged {len(taken)} times")
        seen = invoice.as_invoice()
        collected = sum(charge.amount for charge in taken)
        if seen.status is InvoiceStatus.PAID and seen.amount_paid.minor != seen.amount_due.minor:
            yield Breach("I17", invoice.id, f"{invoice.id} is paid, with {seen.amount_paid} of {seen.amount_due}")
        if collected and seen.status is InvoiceStatus.VOID:
            yield Breach("I17", invoice.id, f"{invoice.id} is void, and {collected} were taken for it")


def final(system: Checked) -> Iterator[Breach]:
    """Check I1 and I3 when all is calm."""
    for invoice in system.store.all(INVOICES):
        charge = invoice.charge
        if charge is None or charge.payment_id is None:
            continue
        try:
            intent = system.stripe.intent(charge.payment_id)
        except CallRejected:
            yield Breach("I1", invoice.id, f"{invoice.id} has a payment that Stripe does not know")
            continue
        payment = intent.as_payment()
        lost = sum(each.amount for each in intent.disputes if each.was_lost)
        if charge.refund_asked and not charge.refunded and invoice.review is None:
            yield Breach("I14", invoice.id, f"{invoice.id}: its money was to go back, and did not")
        if charge.refunded and payment.returned.minor + lost < payment.received.minor:
            yield Breach("I15", invoice.id, f"{invoice.id} is down as refunded, and Stripe says {payment.returned}")
        if invoice.status is InvoiceStatus.PAID and payment.received.minor:
            kept = payment.received.minor - payment.returned.minor
            asked = invoice.credited_minor + (charge.amount.minor if charge.refunded else 0)
            by_others = charge.refunded_minor
            if not charge.refunded and kept + lost < charge.amount.minor - max(asked, by_others):
                yield Breach("I1", invoice.id, f"{invoice.id}: {payment.returned} went back, and {asked} was asked for")
        if charge.lost_minor != lost and system.sender is not None and not gave_up(system):
            yield Breach("I15", invoice.id, f"{invoice.id} is down with {charge.lost_minor} lost, and {lost} are")
    for key in system.stripe.misused_keys:
        yield Breach("I3", key, f"the key {key} was used for two calls")
