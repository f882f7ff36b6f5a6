"""What a gateway promises of idempotency keys, one check for each promise."""

from __future__ import annotations

from payflows.money import Money
from payflows.testing.gateway_checks_of_payments import rejected
from payflows.testing.gateway_customer import DECLINED, Customer


async def the_same_key_makes_one_payment(customer: Customer) -> None:
    """Another key makes another one."""
    first = await customer.create(key=f"{customer.order_id}:create")

    assert await customer.create(key=f"{customer.order_id}:create") == first
    assert (await customer.create()).id != first.id


async def the_same_key_charges_once(customer: Customer) -> None:
    """The second answer is the first one."""
    payment = await customer.create()
    key = f"{customer.order_id}:confirm"

    assert await customer.confirm(payment.id, key=key) == await customer.confirm(payment.id, key=key)


async def a_decline_is_repeated_without_a_second_charge(customer: Customer) -> None:
    """The same key brings the same decline."""
    payment = await customer.create()
    key = f"{customer.order_id}:confirm"

    first = await customer.declined(payment.id, DECLINED, key=key)
    again = await customer.declined(payment.id, DECLINED, key=key)

    assert again.args == first.args
    assert (await customer.read(payment.id)).charge_id == first.charge_id


async def a_key_with_other_parameters_is_refused(customer: Customer) -> None:
    """A key belongs to one request."""
    key = f"{customer.order_id}:create"
    first = await customer.create(key=key)

    await rejected(customer.create(amount=Money(5000, "usd"), key=key))
    await rejected(customer.confirm(first.id, key=key))


CHECKS_OF_KEYS = (
    the_same_key_makes_one_payment,
    the_same_key_charges_once,
    a_decline_is_repeated_without_a_second_charge,
    a_key_with_other_parameters_is_refused,
)
