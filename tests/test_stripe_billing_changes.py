"""Plan changes and last invoices on the SDK: what is asked of Stripe, and how its answers are read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from payflows.errors import UnreadableAnswer
from payflows.money import Money
from payflows.subscriptions.billing import (
    InvoicePreview,
    Items,
    ItemsChange,
    PauseBehavior,
    PausedCollection,
    PendingUpdate,
    PreviewLine,
    StripeInvoice,
    StripeSubscription,
)
from tests import stripe_billing_json as shown
from tests import stripe_json
from tests.billing_calls import CHANGE
from tests.gateway_calls import Post, gateway_answering, gateway_over
from tests.stripe_json import Json

pytestmark = pytest.mark.anyio

START, END = datetime.fromtimestamp(shown.START, UTC), datetime.fromtimestamp(shown.END, UTC)


async def subscription(**fields: object) -> StripeSubscription:
    return await gateway_answering(200, shown.subscription(**fields)).billing.retrieve_subscription("sub_1")


async def invoice(**fields: object) -> StripeInvoice:
    return await gateway_answering(200, shown.invoice(**fields)).billing.retrieve_invoice("in_1")


async def preview(**fields: object) -> InvoicePreview:
    billing = gateway_answering(200, shown.invoice(**fields)).billing
    return await billing.preview_change("sub_1", change=CHANGE, proration_at=START)


# What is sent


async def test_a_last_invoice_is_made_without_a_credit_too_and_with_one_always() -> None:
    for prorate, invoice_now in ((False, True), (True, False)):
        post = Post(shown.subscription(status="canceled"))
        billing = gateway_over(post).billing

        await billing.cancel_subscription("sub_1", prorate=prorate, invoice_now=invoice_now, key="k")

        assert (post.params[0]["prorate"], post.params[0]["invoice_now"]) == (str(prorate).lower(), "true")


async def test_a_change_from_the_next_renewal_on_is_not_prorated() -> None:
    post = Post(shown.subscription())

    await gateway_over(post).billing.change_items("sub_1", change=CHANGE, proration_at=None, key="k")

    assert post.params[0]["proration_behavior"] == "none"
    assert not post.params[0].keys() & {"proration_date", "payment_behavior"}


METERED: list[tuple[str | None, str | None, stripe_json.Json]] = [
    (None, None, {}),
    (None, "price_calls", {"items[1][price]": "price_calls"}),
    ("si_2", "price_calls", {"items[1][id]": "si_2", "items[1][price]": "price_calls"}),
    ("si_2", None, {"items[1][id]": "si_2", "items[1][deleted]": "true"}),
]


@pytest.mark.parametrize(("item_id", "price_id", "sent"), METERED)
async def test_a_metered_item_is_added_kept_or_deleted(
    item_id: str | None, price_id: str | None, sent: stripe_json.Json
) -> None:
    post = Post(shown.subscription())
    change = ItemsChange("si_1", item_id, Items("price_max", 5, price_id))

    await gateway_over(post).billing.change_items("sub_1", change=change, proration_at=None, key="k")

    assert {name: value for name, value in post.params[0].items() if name.startswith("items[1]")} == sent


# What is read


def metered(**fields: object) -> Json:
    price = {"id": "price_calls", "object": "price", "recurring": {"interval": "month", "usage_type": "metered"}}
    return shown.item(id="si_2", price=price, **fields)


async def test_the_licensed_item_and_the_metered_one_are_known_by_their_prices() -> None:
    read = await subscription(items=shown.listed(metered(quantity=None, current_period_end=1), shown.item()))

    assert (read.item_id, read.price_id, read.period_end) == ("si_1", "price_pro", END)
    assert (read.metered_item_id, read.metered_price_id) == ("si_2", "price_calls")
    assert read.items == Items("price_pro", 3, "price_calls")


async def test_a_change_that_waits_is_read_with_what_is_billed_then() -> None:
    price = {"id": "price_max", "object": "price"}
    update = {"expires_at": shown.END, "subscription_items": [shown.item(price=price, quantity=5), metered()]}

    read = await subscription(pending_update=update)

    assert read.pending_update == PendingUpdate(Items("price_max", 5, "price_calls"), END)
    assert read.items == Items("price_pro", 3)


async def test_a_change_that_waits_and_bills_the_same_is_none() -> None:
    read = await subscription(pending_update={"expires_at": shown.END, "subscription_items": None})

    assert read.pending_update is None


async def test_a_pause_of_the_collection_may_have_an_end() -> None:
    read = await subscription(pause_collection={"behavior": "keep_as_draft", "resumes_at": shown.END})

    assert read.paused_collection == PausedCollection(PauseBehavior.KEEP_AS_DRAFT, END)


async def test_a_pause_of_another_kind_is_not_understood() -> None:
    answer = gateway_answering(200, shown.subscription(pause_collection={"behavior": "nap", "resumes_at": None}))

    with pytest.raises(UnreadableAnswer, match="unknown way 'nap'"):
        await answer.billing.retrieve_subscription("sub_1")


async def test_a_preview_is_read_with_its_lines() -> None:
    credit = shown.line(proration=True) | {"amount": -2500}

    read = await preview(total=-1000, amount_due=0, lines=shown.listed(credit, shown.line()))

    assert (read.total_minor, read.amount_due) == (-1000, Money(0, "usd"))
    assert read.lines == (PreviewLine(-2500, START, END), PreviewLine(6000, START, END))


async def test_a_preview_that_does_not_show_all_lines_is_no_preview() -> None:
    with pytest.raises(UnreadableAnswer, match="more lines"):
        await preview(lines=shown.listed(shown.line()) | {"has_more": True})


async def test_what_an_invoice_credits_goes_to_the_balance() -> None:
    read = await invoice(total=-1000, amount_due=0)

    assert (read.total.minor, read.balance_credit_minor) == (0, 1000)
