"""What goes back to customers: the unused time of a subscription that ends, and never more than was paid (I1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from payflows.subscriptions.billing import CHANGE, InvoiceStatus
from payflows.subscriptions.messages import INVOICES, SUBSCRIPTIONS
from payflows.subscriptions.policy import UnusedTime

from simulations.search.breach import Breach
from simulations.stripe.billing.invoices import Invoice
from simulations.subscriptions.checkers.truth import Checked, Truth, truths


def breaches(system: Checked) -> Iterator[Breach]:
    """Every promise about what goes back that is broken."""
    for truth in truths(system):
        yield from _unused(system, truth)
    yield from _kept(system)


def _unused(system: Checked, truth: Truth) -> Iterator[Breach]:
    """Ended by its owner, it gives unused time back: exactly, or less where money of it went back otherwise."""
    ours, theirs = truth.ours, truth.theirs
    if not ours.status.is_ended or ours.cancellation is None or ours.cancellation.asked_at is None:
        return
    if theirs is None or theirs.ended_at is None:
        return
    invoices = system.stripe.invoices_of(theirs.id)
    ended_at = round(theirs.ended_at.timestamp())
    last = [each for each in invoices if each.created == ended_at and _is_last(each)]
    paid = [each for each in invoices if each.status is InvoiceStatus.PAID and each not in last]
    at = min(ended_at, round(theirs.period_end.timestamp()))  # of one that is paused, the pause ended its period
    unused = 0
    if ours.cancellation.policy.unused_time is not UnusedTime.NOTHING:
        unused = max(0, sum(_share(each, at) for each in paid))
    given = sum(each.post_payment_credited for each in paid)
    given -= sum(line.amount for each in last for line in each.lines if line.usage is None)
    is_left_to_a_person = any(row.review for row in system.store.all(INVOICES) if row.subscription_id == ours.id)
    may_be_less = is_left_to_a_person or _returned_otherwise(system, paid)
    if given > unused or (given < unused and not may_be_less):
        yield Breach("I1", ours.id, f"{ours.id}: {unused} were paid for unused time, and {given} went back")
    yield from _to_the_right_place(ours.cancellation.policy.unused_time, paid)


def _to_the_right_place(means: UnusedTime, invoices: Sequence[Invoice]) -> Iterator[Breach]:
    """As credit nothing is refunded; as a refund no more becomes credit than was paid from the balance."""
    for invoice in invoices:
        notes = [each for each in invoice.credit_notes if "subscription_id" in each.metadata]
        refunded = sum(each.refund[1] for each in notes if each.refund is not None)
        credited = sum(each.balance_amount for each in notes)
        from_balance = max(0, invoice.paid_in_all - invoice.amount_paid)
        if (means is UnusedTime.CREDIT and refunded) or (means is UnusedTime.REFUND and credited > from_balance):
            yield Breach("I1", invoice.id, f"{invoice.id}: {refunded} were refunded and {credited} credited by {means}")


def _is_last(invoice: Invoice) -> bool:
    """Whether it bills nothing but what was used, as that of an end does: another one is of a plan change."""
    return invoice.billing_reason == CHANGE and all(
        line.amount <= 0 or line.usage is not None for line in invoice.lines
    )


def _share(invoice: Invoice, at: int) -> int:
    """Return what of an invoice is for the time from then on, without what it bills of the past, rounded half up.

    It is worked out apart from the flow's, and below 0 where the invoice credits more than it bills.
    """
    seen = invoice.as_invoice()
    start, end = round(seen.period_start.timestamp()), round(seen.period_end.timestamp())
    if end <= start or invoice.created >= end:
        return 0
    left, ahead = min(max(end - at, 0), end - start), invoice.total - seen.past_minor
    whole, rest = divmod(abs(ahead) * left, end - start)
    share = whole + (2 * rest >= end - start)
    return share if ahead > 0 else -share


def _returned_otherwise(system: Checked, invoices: Sequence[Invoice]) -> bool:
    """Whether a refund, a dispute or a credit note of other hands has taken money of these invoices."""
    for invoice in invoices:
        by_others = any("subscription_id" not in note.metadata for note in invoice.credit_notes)
        if by_others or (invoice.payment is not None and _gone(system, invoice) > invoice.refunded_by_notes):
            return True
    return False


def _gone(system: Checked, invoice: Invoice) -> int:
    assert invoice.payment is not None, "something was paid"
    intent = system.stripe.intent(invoice.payment.intent.id)
    disputed = sum(each.amount for each in intent.disputes if each.was_lost or each.status.is_open)
    return intent.as_payment().returned.minor + disputed


def _kept(system: Checked) -> Iterator[Breach]:
    """No customer is owed more than they have paid and not got back."""
    kept: dict[str, int] = {}
    for ours in system.store.all(SUBSCRIPTIONS):
        customer_id = ours.signup.customer.stripe_customer_id
        assert customer_id is not None, "a subscriber is a customer at Stripe"
        kept.setdefault(customer_id, 0)
        for theirs in system.stripe.subscriptions_of(ours.id):
            for invoice in system.stripe.invoices_of(theirs.id):
                if invoice.payment is not None:
                    received = system.stripe.intent(invoice.payment.intent.id).as_payment().received.minor
                    kept[customer_id] += received - _gone(system, invoice)
    for customer_id, minor in kept.items():
        customer = system.stripe.customer(customer_id)
        gifts = -sum(each.amount for each in customer.transactions if each.type == "adjustment")
        if -customer.balance > minor + gifts:
            yield Breach(
                "I1", customer_id, f"{customer_id} is owed {-customer.balance}, and {minor} of theirs are kept"
            )
