"""The marketplace: what vendors, buyers and the platform can ask of it. What each status does next is in the steps."""

from __future__ import annotations

from collections.abc import Sequence

from payflows.checks import whole_number
from payflows.clock import Clock
from payflows.errors import AlreadyExists, InvalidSale, InvalidState, NotFound, OrderIdReused, VersionConflict
from payflows.kernel.evolve import evolve
from payflows.kernel.store import Store
from payflows.marketplace.connect import AccountLink, BusinessType
from payflows.marketplace.fees import FeeSchedule
from payflows.marketplace.gateway import MarketplaceGateway
from payflows.marketplace.input import (
    CartPart,
    check_attempt,
    check_cart,
    check_page,
    check_vendor,
    sale_id_of,
    vendor_row_id,
)
from payflows.marketplace.policy import MarketplacePolicy
from payflows.marketplace.repaying import RepayingMarketplace
from payflows.marketplace.sale import Sale, SaleStatus
from payflows.marketplace.selling import Selling
from payflows.marketplace.step_context import StepContext
from payflows.marketplace.steps import MarketplaceEngine
from payflows.marketplace.vendor import Vendor, VendorStatus
from payflows.parties import Actor, Customer, Merchant
from payflows.payments.charge import Attempt
from payflows.payments.gateway import PaymentGateway
from payflows.payments.model import CustomerAction


class MarketplacePaymentFlow(RepayingMarketplace):
    """Sells for vendors: onboard them, collect one payment from a buyer, split it, and pay the vendors out.

    The money argument, beside that of collecting a payment once (`payflows.payments`):

    1. What a buyer is to pay is in the ledger before the charge, with the fee and the tier that were valid then.
    2. Each other movement of money at Stripe is a row first: its call has a key of the row, and what became of a call
       without an answer is looked up by the row's purpose before it is made again.
    3. What Stripe has moved is posted in the one step that notes it. Each entry of the ledger sums to zero.
    4. A buyer is refunded first, by the platform; the vendors' shares are taken back after that. A share that cannot be
       taken back is owed by its vendor, and kept from later sales.

    Args:
        merchant: whose platform this is.
        fees: what the platform keeps.
        policy: refunds, payouts, deadlines and retries.
        store: keeps all rows, the ledger and the outbox.
        payments: Stripe's payments.
        connect: Stripe Connect.
        clock: tells the time.
        engine: moves all rows on; as usual where none is given.

    Raises:
        InvalidPolicy: a part of another type.
    """

    def __init__(
        self,
        *,
        merchant: Merchant,
        fees: FeeSchedule,
        policy: MarketplacePolicy,
        store: Store,
        payments: PaymentGateway,
        connect: MarketplaceGateway,
        clock: Clock,
        engine: MarketplaceEngine | None = None,
    ) -> None:
        context = StepContext.over(
            store=store, payments=payments, connect=connect, clock=clock, policy=policy, fees=fees
        )
        super().__init__(merchant, context, engine)
        self._clock = clock
        self._policy = policy
        self._selling = Selling(merchant, context)

    # Vendors

    async def onboard_vendor(
        self,
        vendor_id: str,
        *,
        email: str,
        country: str,
        business_type: BusinessType,
        refresh_url: str,
        return_url: str,
    ) -> tuple[Vendor, AccountLink | None]:
        """Have an account made for a vendor, once, and a link to Stripe's form; again, it is another link.

        Args:
            vendor_id: the caller's own id.
            email: the vendor's.
            country: where they are, by two letters.
            business_type: what they are.
            refresh_url: where Stripe sends a vendor whose link has ended.
            return_url: where the vendor comes back to.

        Returns:
            The vendor as it rests; and the link, or None while the account is not made yet: ask again.

        Raises:
            InvalidSale: anything wrong with what was given; nothing was stored or called.
            OrderIdReused: the id stands for another vendor.
        """
        check_vendor(vendor_id, email, country, business_type)
        check_page("refresh_url", refresh_url)
        check_page("return_url", return_url)
        if self._policy.payouts is not None:
            self._policy.payouts.check_country(country)
        wanted = Vendor(
            id=vendor_row_id(self._merchant.id, vendor_id),
            status=VendorStatus.CREATING,
            changed_at=self._clock.now(),
            merchant_id=self._merchant.id,
            vendor_id=vendor_id,
            email=email,
            country=country,
            business_type=business_type,
        )
        vendor = await self._context.vendors.add(wanted)
        if (vendor.email, vendor.country, vendor.business_type) != (email, country, business_type):
            raise OrderIdReused(f"vendor {vendor_id!r} was onboarded with other details")
        vendor = await self.engine.vendors.advance(vendor)
        if vendor.account_id is None or vendor.status is VendorStatus.CLOSED:
            return vendor, None
        return vendor, await self._link(vendor, refresh_url, return_url)

    # Sales

    async def process_marketplace_payment(
        self,
        customer: Customer,
        order_id: str,
        *,
        cart: Sequence[CartPart],
        payment_method: str,
        return_url: str | None = None,
    ) -> Sale:
        """Buy goods of one vendor or several; the same order id again is the same sale and only looks how it stands.

        Args:
            customer: who buys.
            order_id: the caller's own id, unique per customer.
            cart: what is bought of whom.
            payment_method: Stripe's id of a card.
            return_url: where the buyer comes back to from their bank's page.

        Returns:
            The sale as it rests; a status before `paid` means that it is pending, and goes on by itself.

        Raises:
            InvalidSale: anything wrong with what was given; nothing was stored or called.
            InvalidMoney: amounts that Stripe would not charge.
            InvalidState: a vendor may not sell.
            NotFound: a vendor is not known.
            OrderIdReused: the id stands for another cart.
        """
        check_cart(customer, order_id, cart, payment_method)
        check_attempt(payment_method, return_url)
        sale_id = sale_id_of(self._merchant, customer, order_id)
        while True:
            try:
                sale = await self._context.sales.get(sale_id)
            except NotFound:
                attempt = Attempt(1, payment_method, return_url=return_url)
                try:
                    sale = await self._selling.begin(sale_id, customer, order_id, cart, attempt)
                except (AlreadyExists, VersionConflict):  # another call was first, or sold for the same vendor
                    continue
            if {CartPart(part.vendor_id, part.amount, part.category) for part in sale.parts} != set(cart):
                raise OrderIdReused(f"order {order_id!r} was placed with another cart")
            return await self.engine.advance_all(sale)

    async def pay_again(
        self, actor: Actor, sale_id: str, *, expected_try: int, payment_method: str, return_url: str | None = None
    ) -> Sale:
        """Try another card on a sale that waits for its buyer.

        Args:
            actor: whose sale it is.
            sale_id: which.
            expected_try: `sale.charge.attempt.number` as the buyer saw it; an older one changes nothing.
            payment_method: the card to try.
            return_url: as for the first.

        Raises:
            InvalidSale: not theirs, or not a payment method.
            InvalidState: no try is left.
        """
        check_attempt(payment_method, return_url)
        whole_number("expected_try", expected_try, error=InvalidSale)
        sale = await self.sale(actor, sale_id)
        if sale.status is SaleStatus.CUSTOMER_ACTION and sale.charge.attempt.number == expected_try:
            if expected_try >= self._policy.max_tries:
                raise InvalidState(f"a sale may try {self._policy.max_tries} cards, and all have been tried")
            charge = evolve(sale.charge, attempt=sale.charge.attempt.next(payment_method, return_url))
            try:
                sale = await self._context.sales.transition(sale, SaleStatus.PAYMENT_PROCESSING, charge=charge)
            except VersionConflict:
                sale = await self.sale(actor, sale_id)
        return await self.engine.advance_all(sale)

    async def customer_action(self, actor: Actor, sale_id: str) -> CustomerAction:
        """What the buyer's browser needs while their bank waits for them: read from Stripe, and never stored.

        Raises:
            NotFound: not theirs.
            InvalidState: no bank asks anything.
        """
        sale = await self.sale(actor, sale_id)
        if sale.status is SaleStatus.CUSTOMER_ACTION:
            payment_id, payments = sale.charge.stored_payment_id(), self._context.payments
            action = await self._context.calls.call(lambda: payments.retrieve_customer_action(payment_id))
            if action is not None:
                return action.of(payment_id)
        raise InvalidState(f"no bank asks anything about this sale, which is {sale.status}")

    async def cancel(self, actor: Actor, sale_id: str) -> Sale:
        """Give up a sale that is not paid; where its payment succeeds all the same, that is given back.

        Raises:
            NotFound: not theirs.
            InvalidState: it is paid, and can be refunded.
        """
        sale = await self.sale(actor, sale_id)
        while not sale.cancel_asked and sale.status is not SaleStatus.FAILED:
            if sale.status.is_paid:
                raise InvalidState("the sale is paid, and can be refunded")
            try:
                sale = await self._context.sales.request(sale, cancel_asked=True)
            except VersionConflict:
                sale = await self.sale(actor, sale_id)
        return await self.engine.advance_all(sale)

    async def _link(self, vendor: Vendor, refresh_url: str, return_url: str) -> AccountLink:
        account_id, connect = vendor.stored_account_id(), self._context.connect
        return await self._context.calls.call(
            lambda: connect.create_account_link(account_id, refresh_url=refresh_url, return_url=return_url)
        )
