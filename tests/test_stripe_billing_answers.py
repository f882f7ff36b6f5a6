"""How Stripe's subscriptions, invoices and set-ups are read, and what is not to be believed."""

from __future__ import annotations

import asyncio
import copy
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payflows.errors import OutcomeUnknown, UnreadableAnswer
from payflows.money import Money
from payflows.subscriptions.billing import (
    BillingStatus,
    CreditNote,
    InvoiceStatus,
    PauseBehavior,
    PausedCollection,
    SetupStatus,
    StripeInvoice,
    StripeSetup,
    StripeSubscription,
)
from tests import stripe_billing_json as shown
from tests.billing_calls import CALLS, answer_to
from tests.gateway_calls import gateway_answering
from tests.stripe_json import Json, charge, payment_intent

pytestmark = pytest.mark.anyio

START, END = datetime.fromtimestamp(shown.START, UTC), datetime.fromtimestamp(shown.END, UTC)
MINUTE = timedelta(minutes=1)

OPEN_INVOICE = StripeInvoice(
    id="in_1",
    stripe_subscription_id="sub_1",
    owner_id="subs-1",
    status=InvoiceStatus.OPEN,
    billing_reason="subscription_cycle",
    total=Money(6000, "usd"),
    amount_due=Money(5500, "usd"),
    amount_paid=Money(0, "usd"),
    period_start=START,
    period_end=END,
    created_at=START + MINUTE,
    payment_id="pi_1",
    attempted=False,
    next_payment_attempt=None,
    hosted_invoice_url=shown.HOSTED,
)


async def subscription(**fields: object) -> StripeSubscription:
    return await gateway_answering(200, shown.subscription(**fields)).billing.retrieve_subscription("sub_1")


async def invoice(**fields: object) -> StripeInvoice:
    return await gateway_answering(200, shown.invoice(**fields)).billing.retrieve_invoice("in_1")


async def setup(**fields: object) -> StripeSetup:
    return await gateway_answering(200, shown.setup_intent(**fields)).billing.retrieve_setup("seti_1")


# Subscriptions


async def test_a_subscription_is_read_with_its_period_from_its_item_and_its_latest_invoice() -> None:
    """S5, stripe/stripe-dotnet#3089: periods moved from the subscription to its items."""
    assert await subscription() == StripeSubscription(
        id="sub_1",
        owner_id="subs-1",
        status="active",
        stripe_customer_id="cus_1",
        price_id="price_pro",
        quantity=3,
        period_start=START,
        period_end=END,
        payment_method="pm_1",
        latest_invoice=OPEN_INVOICE,
        item_id="si_1",
    )


@pytest.mark.parametrize("status", [*BillingStatus, "hibernating"])
async def test_any_status_is_passed_on_in_stripes_own_word(status: str) -> None:
    """What a new word means is for a person to decide; that it is there is no error."""
    assert (await subscription(status=status)).status == status


async def test_a_trial_that_waits_for_a_card_names_its_set_up_and_its_end() -> None:
    read = await subscription(trial_end=shown.END, pending_setup_intent=shown.setup_intent(), latest_invoice=None)

    assert (read.trial_end, read.setup_id, read.latest_invoice) == (END, "seti_1", None)


CANCELLED_LATER = [
    pytest.param({"cancel_at_period_end": True}, END, id="with-its-period"),
    pytest.param({"cancel_at": shown.END + 60}, END + MINUTE, id="at-a-moment"),
    pytest.param({"cancel_at": shown.END, "cancel_at_period_end": True}, END, id="as-stripe-shows-both"),
    pytest.param({}, None, id="not"),
]


@pytest.mark.parametrize(("fields", "cancel_at"), CANCELLED_LATER)
async def test_when_it_will_end_is_one_moment_however_it_was_asked_for(
    fields: Json, cancel_at: datetime | None
) -> None:
    """Stripe's own portal sets `cancel_at`, and `cancel_at_period_end` not."""
    assert (await subscription(**fields)).cancel_at == cancel_at


async def test_of_more_than_one_item_the_first_is_read() -> None:
    second = shown.item(id="si_2", price={"id": "price_more", "object": "price"}, current_period_end=1)

    read = await subscription(items=shown.listed(shown.item(), second))

    assert (read.price_id, read.period_end) == ("price_pro", END)


async def test_what_else_stands_on_a_subscription_is_read() -> None:
    read = await subscription(
        customer={"id": "cus_9", "object": "customer"},
        default_payment_method=None,
        ended_at=shown.END,
        metadata={},
        pause_collection={"behavior": "void", "resumes_at": None},
    )

    assert (read.stripe_customer_id, read.payment_method, read.owner_id) == ("cus_9", None, None)
    assert (read.ended_at, read.paused_collection) == (END, PausedCollection(PauseBehavior.VOID))


# Invoices


@pytest.mark.parametrize("status", InvoiceStatus)
async def test_an_invoice_is_read_with_any_status(status: InvoiceStatus) -> None:
    assert await invoice(status=status.value) == OPEN_INVOICE._replace(status=status)


async def test_the_service_that_is_billed_is_not_a_settled_change_before_it() -> None:
    """Stripe puts prorations before the lines of the new period, and the invoice's own period is the old one."""
    settled_change = shown.line(proration=True, start=1, end=2)

    read = await invoice(lines=shown.listed(settled_change, shown.line()))
    last = await invoice(lines=shown.listed(settled_change))
    bare = await invoice(lines=shown.listed())

    assert (read.period_start, read.period_end) == (START, END)
    assert last.period_end == datetime.fromtimestamp(2, UTC)
    assert bare.period_end == START


async def test_an_invoice_of_credits_is_for_nothing() -> None:
    assert (await invoice(total=-2000, amount_due=0)).total == Money(0, "usd")


async def test_of_several_payments_the_default_one_by_an_intent_counts() -> None:
    """B26: several payments may pay one invoice, some outside of Stripe."""
    recorded = shown.payment(payment={"type": "payment_record", "payment_record": "pr_1"})
    another = shown.payment(is_default=False, payment={"type": "payment_intent", "payment_intent": "pi_2"})
    expanded = shown.payment(payment={"type": "payment_intent", "payment_intent": payment_intent(id="pi_3")})

    assert (await invoice(payments=shown.listed(recorded, another, expanded))).payment_id == "pi_3"
    assert (await invoice(payments=shown.listed(recorded, another))).payment_id is None


async def test_a_draft_has_no_payment_yet_and_no_page() -> None:
    draft = await invoice(status="draft", payments=shown.listed(), hosted_invoice_url=None)

    assert (draft.payment_id, draft.hosted_invoice_url) == (None, None)


async def test_that_stripe_itself_tries_again_and_what_was_credited_is_seen() -> None:
    read = await invoice(attempted=True, next_payment_attempt=shown.END, post_payment_credit_notes_amount=100)

    assert (read.attempted, read.next_payment_attempt, read.credited_minor) == (True, END, 100)


async def test_an_invoice_that_no_subscription_made_is_nobodys() -> None:
    read = await invoice(parent=None, billing_reason="manual")

    assert (read.stripe_subscription_id, read.owner_id) == (None, None)


# Set-ups and credit notes


@pytest.mark.parametrize("status", SetupStatus)
async def test_a_set_up_is_read_with_any_status(status: SetupStatus) -> None:
    assert await setup(status=status.value) == StripeSetup("seti_1", status, "pm_1")


async def test_the_customers_browser_is_given_what_the_bank_asks_for() -> None:
    asks = answer_to("retrieve_setup_action")

    action = await gateway_answering(200, asks).billing.retrieve_setup_action("seti_1")
    none = await gateway_answering(200, shown.setup_intent()).billing.retrieve_setup_action("seti_1")

    assert action is not None
    assert action.of("seti_1").next_action == {"type": "use_stripe_sdk"}
    assert none is None


async def test_a_credit_note_says_of_which_invoice_and_whose_it_is() -> None:
    read = await CALLS["credit_invoice"](gateway_answering(200, shown.credit_note()).billing)

    assert read == CreditNote("cn_1", "in_1", "subs-1", Money(1500, "usd"))


# What cannot be believed

UNREADABLE = [
    pytest.param(shown.subscription(livemode=True), "live mode", id="live"),
    pytest.param(shown.subscription(items=shown.listed()), "without a licensed item", id="no-item"),
    pytest.param(shown.subscription(latest_invoice="in_1"), "without its latest invoice", id="not-expanded"),
    pytest.param(shown.subscription(latest_invoice=shown.invoice(livemode=True)), "live mode", id="live-invoice"),
    pytest.param(shown.subscription(status=None), "status", id="no-status"),
    pytest.param(shown.subscription(customer=None), "customer", id="nobodys"),
    pytest.param(shown.subscription(items=shown.listed(shown.item(quantity="3"))), "quantity", id="text-as-seats"),
    pytest.param(charge(), "is a Charge, not a Subscription", id="a-charge"),
]
UNREADABLE_INVOICES = [
    pytest.param(shown.invoice(livemode=True), "live mode", id="live"),
    pytest.param(shown.invoice(status="settled"), "in_1 has the unknown status 'settled'", id="status"),
    pytest.param(shown.invoice(status=None), "in_1 has the unknown status None", id="no-status"),
    pytest.param(shown.invoice(payments=None), "without its payments", id="not-expanded"),
    pytest.param(shown.invoice(lines=shown.listed({"period": 7, "parent": None})), "a int where", id="no-period"),
    pytest.param(shown.invoice(amount_due="5500"), "could not be read (InvalidMoney)", id="amount-as-text"),
    pytest.param(shown.invoice(created=2**70), "could not be read", id="a-time-beyond-all"),
]


@pytest.mark.parametrize(("body", "said"), UNREADABLE)
async def test_a_subscription_that_cannot_be_understood_is_unknown_and_says_so(body: Json, said: str) -> None:
    for call in ("retrieve_subscription", "cancel_subscription"):
        with pytest.raises(OutcomeUnknown, match=said.replace("(", r"\(").replace(")", r"\)")):
            await CALLS[call](gateway_answering(200, body).billing)


@pytest.mark.parametrize(("body", "said"), UNREADABLE_INVOICES)
async def test_an_invoice_that_cannot_be_understood_is_unknown_and_says_so(body: Json, said: str) -> None:
    for call in ("retrieve_invoice", "pay_invoice"):
        with pytest.raises(OutcomeUnknown, match=said.replace("(", r"\(").replace(")", r"\)")):
            await CALLS[call](gateway_answering(200, body).billing)


@pytest.mark.parametrize("fields", [{"status": "tied"}, {"livemode": True}, {"id": None}])
async def test_a_set_up_that_cannot_be_understood_is_unknown(fields: Json) -> None:
    with pytest.raises(UnreadableAnswer):
        await setup(**fields)


@pytest.mark.parametrize("fields", [{"client_secret": None}, {"next_action": None}])
async def test_a_set_up_that_waits_and_does_not_say_what_for_is_unknown(fields: Json) -> None:
    answer = gateway_answering(200, answer_to("retrieve_setup_action") | fields)

    with pytest.raises(UnreadableAnswer):
        await answer.billing.retrieve_setup_action("seti_1")


STRANGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(call=st.sampled_from(sorted(CALLS)), data=st.data())
def test_whatever_stands_where_in_an_answer_is_read_or_unknown(call: str, data: st.DataObject) -> None:
    body = copy.deepcopy(answer_to(call))
    part, field = data.draw(st.sampled_from(list(places_in(body))))
    part[field] = data.draw(STRANGE)

    async def read() -> None:
        try:
            await CALLS[call](gateway_answering(200, body).billing)
        except OutcomeUnknown:
            return

    asyncio.run(read())


def places_in(part: object) -> list[tuple[Json, str]]:
    """Every field of an object, and of those within it."""
    if isinstance(part, list):
        return [place for inner in part for place in places_in(inner)]
    if not isinstance(part, dict):
        return []
    return [(part, field) for field in part] + [place for inner in part.values() for place in places_in(inner)]
