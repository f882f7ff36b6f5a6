"""A year of subscribers as one would write it in SimPy by hand: generators and plain dicts, no ports, store or outbox.

The same sign-ups, customers and banks by the same draws, and one SimPy event for each call, webhook and timer. That
every subscriber ends as with the real flow is asserted in `tests/test_bench_year.py`.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta

from simpy import Environment, Event, Timeout

from payflows.subscriptions.messages import MailKind
from simulations.stripe.billing.calendar import boundary
from simulations.stripe.webhooks.conditions import delays_us
from simulations.subscriptions.year.models import DAY_SECONDS, MONTH_SECONDS, Act, Reaction
from simulations.subscriptions.year.scenario import SubscriberYear
from simulations.subscriptions.year.sign_ups import NEXT_CARD, SignUp, SignUps
from simulations.time.draws import Draws
from simulations.time.world import START
from tests.bench.year_rows import Row, a_subscriber, an_invoice, has_ended

SECOND = 1_000_000
EPOCH = int(START.timestamp())
HOUR = 3_600
FAILED, ASKS = MailKind.PAYMENT_FAILED, MailKind.PAYMENT_ACTION_REQUIRED

Steps = Generator[Event, object, None]


class HandWrittenYear:
    """Subscribers of a scenario.

    Args:
        scenario: the year.
        seed: its chance.
    """

    def __init__(self, scenario: SubscriberYear, seed: int) -> None:
        self.env = Environment(0)
        self.subscribers: list[Row] = []
        self.calls = self.webhooks = 0
        self._scenario = scenario
        self._draws = Draws(seed)
        self._delays = delays_us(scenario.webhooks.delay)
        self._delay_draws = self._draws.of("webhook delay")

    def run(self) -> None:
        """Let everyone sign up, and the whole time pass."""
        sign_ups = SignUps(self._scenario, self._draws)
        for number in range(self._scenario.subscribers):
            self.env.process(self._subscribe(sign_ups.sign_up(number)))
        self.env.run(until=self._scenario.days * DAY_SECONDS * SECOND)

    # The customer.

    def _subscribe(self, sign_up: SignUp) -> Steps:
        yield self.env.timeout(sign_up.at_seconds * SECOND)
        issuer = self._scenario.issuers.issuer(sign_up.number, self._draws)
        behaviour = self._scenario.customers.behaviour(sign_up.number, self._draws, issuer)
        ours = a_subscriber(sign_up, behaviour, issuer, self._seconds())
        self.subscribers.append(ours)
        yield from self._calls(6)  # the row, Stripe, and what it answered
        ours["statuses"].append("creating")
        self.env.process(self._think_of_leaving(ours))
        if sign_up.trial_days:
            ours["status"] = "trialing"
            self._enter(ours)
            self._bill(ours, 0)
            ours["has_card"] = sign_up.payment_method is not None
            yield from self._calls(4 if ours["has_card"] else 0)
            self._announce(ours, 1)
            self.env.process(self._announce_trial_end(ours))
        else:
            self._enter(ours)
            invoice = self._bill(ours, ours["total"])
            self._announce(ours, 1)
            self.env.process(self._expire(ours))
            yield from self._pay(ours, invoice)
        self.env.process(self._periods(ours))

    def _think_of_leaving(self, ours: Row) -> Steps:
        left = self._scenario.days * DAY_SECONDS - int(self.env.now) // SECOND
        for month in range(left // MONTH_SECONDS + 1):
            leaving = ours["behaviour"].leaves(month)
            if leaving is not None:
                yield self.env.timeout((month * MONTH_SECONDS + leaving.after_seconds) * SECOND)
                yield from self._act(ours, leaving.act)
                return

    def _read_mail(self, ours: Row, mail: MailKind) -> None:
        number = ours["mails"][mail] = ours["mails"].get(mail, -1) + 1
        is_signing_up = ours["statuses"][-1] == "incomplete"
        if mail in (FAILED, ASKS) and not is_signing_up:
            self.env.process(self._give_up(ours))
        reaction = ours["behaviour"].reacts(
            mail, number, START + timedelta(microseconds=int(self.env.now)), is_signing_up=is_signing_up
        )
        if reaction is not None:
            self.env.process(self._react(ours, reaction))

    def _react(self, ours: Row, reaction: Reaction) -> Steps:
        yield self.env.timeout(reaction.after_seconds * SECOND)
        act = None if has_ended(ours) else ours["behaviour"].does_now(reaction)
        if act is not None:
            yield from self._act(ours, act)

    def _act(self, ours: Row, act: Act) -> Steps:
        if has_ended(ours):
            return
        match act:
            case Act.GIVE_FIRST_CARD if ours["has_card"]:
                pass
            case Act.GIVE_FIRST_CARD | Act.GIVE_ANOTHER_CARD:
                yield from self._give_card(ours)
            case Act.CANCEL_AT_PERIOD_END if ours["status"] != "incomplete":
                yield from self._calls(4)
                ours["cancels_with_period"] = True
                self._announce(ours, 1)
            case Act.CANCEL_NOW | Act.CANCEL_AT_PERIOD_END:
                yield from self._cancel(ours, "customer")
            case _:
                yield from self._answer_bank(ours, passes=act is Act.PASS_AUTHENTICATION)

    def _give_card(self, ours: Row) -> Steps:
        yield from self._calls(8)  # attached, set, and read again
        ours["has_card"] = ours["has_card"] or ours["status"] != "incomplete"
        for invoice in ours["invoices"]:
            if invoice["status"] == "open":
                invoice["cards"] += 1
                invoice["asks"] = invoice["is_asked"] = False  # by the card before
                yield from self._pay(ours, invoice, NEXT_CARD)

    def _answer_bank(self, ours: Row, *, passes: bool) -> Steps:
        for invoice in ours["invoices"]:
            if invoice["status"] == "open" and invoice["asks"]:
                invoice["asks"] = False
                if passes:
                    self._charge(ours, invoice, may_ask=False)
                else:
                    invoice["failures"] += 1
                    self._announce(ours, 1)
        yield from ()

    # The merchant.

    def _pay(self, ours: Row, invoice: Row, card: str | None = None) -> Steps:
        """Try a card on an open invoice, and see what came of it."""
        yield from self._calls(5)
        self._charge(ours, invoice)
        self._learn(ours)

    def _give_up(self, ours: Row) -> Steps:
        yield self.env.timeout(self._scenario.unpaid_days * DAY_SECONDS * SECOND)
        unpaid = [each["made"] for each in ours["invoices"] if each["status"] == "open"]
        is_late = ours["statuses"][-1] == "past_due" and bool(unpaid)
        if is_late and min(unpaid) <= self._seconds() - self._scenario.unpaid_days * DAY_SECONDS:
            yield from self._cancel(ours, "unpaid")

    def _cancel(self, ours: Row, reason: str) -> Steps:
        yield from self._calls(10)
        ours["status"], ours["reason"] = "canceled", reason
        self._announce(ours, 2)
        self._learn(ours)

    def _learn(self, ours: Row) -> None:
        """Become what Stripe's is, and write the mails that are due."""
        if ours["status"] in ("canceled", "incomplete_expired"):
            self._end(ours)
            return
        if ours["statuses"][-1] != ours["status"]:
            self._enter(ours)
        for invoice in ours["invoices"]:
            if invoice["status"] == "open" and invoice["asks"] and not invoice["is_asked"]:
                self._read_mail(ours, ASKS)
            invoice["is_asked"] = invoice["asks"]
            if invoice["status"] == "open" and invoice["failures"] > invoice["known_failures"]:
                invoice["known_failures"] = invoice["failures"]
                self._read_mail(ours, FAILED)

    def _end(self, ours: Row) -> None:
        if has_ended(ours, known=True):
            return
        is_expired = ours["status"] == "incomplete_expired"
        ours["statuses"] += ["incomplete_expired"] if is_expired else ["cancelling", "cancelled"]
        ours["ended"] = self._seconds()
        for invoice in ours["invoices"]:
            if invoice["status"] in ("draft", "open"):
                invoice["status"] = "void"

    def _enter(self, ours: Row) -> None:
        ours["statuses"].append(ours["status"])

    # Stripe.

    def _periods(self, ours: Row) -> Steps:
        while True:
            yield self.env.timeout((ours["end"] - self._seconds()) * SECOND)
            if ours["status"] in ("canceled", "incomplete_expired", "incomplete"):
                return
            if ours["cancels_with_period"] or (ours["status"] == "trialing" and not ours["has_card"]):
                ours["status"] = "canceled"
                self._announce(ours, 1)
                return
            if ours["status"] == "trialing":
                ours["status"] = "active"
            ours["periods"] += ours["months"]
            ours["start"], ours["end"] = ours["end"], boundary(ours["anchor"], ours["periods"])
            invoice = self._bill(ours, ours["total"], status="draft")
            self._announce(ours, 1)
            self.env.process(self._collect(ours, invoice))

    def _collect(self, ours: Row, invoice: Row) -> Steps:
        yield self.env.timeout(HOUR * SECOND)
        if invoice["status"] != "draft":
            return
        invoice["status"] = "open"
        self._announce(ours, 1)
        self._charge(ours, invoice)

    def _expire(self, ours: Row) -> Steps:
        yield self.env.timeout(23 * HOUR * SECOND)
        if ours["status"] == "incomplete":
            ours["status"] = "incomplete_expired"
            self._announce(ours, 2)

    def _announce_trial_end(self, ours: Row) -> Steps:
        yield self.env.timeout((ours["end"] - 3 * DAY_SECONDS - self._seconds()) * SECOND)
        if not has_ended(ours):
            self._announce(ours, 1)
            self._read_mail(ours, MailKind.TRIAL_ENDING)

    def _bill(self, ours: Row, total: int, *, status: str = "open") -> Row:
        invoice = an_invoice(ours, self._seconds(), total, status=status)
        ours["invoices"].append(invoice)
        return invoice

    def _charge(self, ours: Row, invoice: Row, *, may_ask: bool = True) -> None:
        at = START + timedelta(microseconds=int(self.env.now))
        answer = ours["issuer"].answer("card", None, invoice["charges"] + 1, at)
        if answer.three_d_secure and may_ask:
            invoice["asks"] = True
        else:
            invoice["charges"] += 1
            invoice["decline"] = answer.decline
            if answer.decline is None:
                invoice["status"], ours["has_card"] = "paid", True
            else:
                invoice["failures"] += 1
        newest = next(each for each in reversed(ours["invoices"]) if each["status"] not in ("draft", "void"))
        before = ours["status"]
        if before != "incomplete" or newest["status"] == "paid":
            ours["status"] = "active" if newest["status"] == "paid" else "past_due"
        self._announce(ours, 1 + (ours["status"] != before))

    # Events.

    def _announce(self, ours: Row, webhooks: int) -> None:
        for _ in range(webhooks):
            ours["events"] += 1
            drawn = self._delay_draws.bits(ours["number"] << 20 | ours["events"], 1)
            self.env.process(self._deliver(ours, self._delays[drawn >> 54]))

    def _deliver(self, ours: Row, delay_us: int) -> Steps:
        yield self.env.timeout(delay_us)
        self.webhooks += 1
        yield from self._calls(7)  # stored, found, read at Stripe, read and written here, done
        self._learn(ours)

    def _calls(self, number: int) -> Generator[Timeout, object, None]:
        self.calls += number
        for _ in range(number):
            yield self.env.timeout(0)

    def _seconds(self) -> int:
        return EPOCH + int(self.env.now) // SECOND
