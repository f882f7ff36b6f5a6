"""How customers and their banks behave: what a scenario asks of any model, and two simple ones.

Every answer is a function of keyed draws, so that one policy more changes nothing about who does what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from payflows.checks import instance_of, share, whole_number
from payflows.errors import InvalidPolicy
from payflows.money import Money
from payflows.payments.model import Decline
from payflows.subscriptions.messages import MailKind

from simulations.stripe.payments.cards import PaymentMethod
from simulations.stripe.payments.methods import Issuer
from simulations.time.draws import Draws, Mix

DAY_SECONDS = 86_400
MONTH_SECONDS = 30 * DAY_SECONDS
"""A month of a customer's life, in which they may cancel; Stripe's periods are calendar months."""


class Act(StrEnum):
    """What a customer may do about a subscription."""

    GIVE_FIRST_CARD = "give_first_card"
    """Where there is none yet."""
    GIVE_ANOTHER_CARD = "give_another_card"
    PASS_AUTHENTICATION = "pass_authentication"
    FAIL_AUTHENTICATION = "fail_authentication"
    CANCEL_NOW = "cancel_now"
    CANCEL_AT_PERIOD_END = "cancel_at_period_end"


class Reaction(NamedTuple):
    """What a customer will do, how long after, and what the model knows that by."""

    act: Act
    after_seconds: int
    about: object = None


class Behaviour(Protocol):
    """What one customer does."""

    def leaves(self, month: int) -> Reaction | None:
        """Return how they cancel in that month of their subscription, of which 0 is the first; None: they do not."""
        ...

    def reacts(self, mail: MailKind, number: int, at: datetime, *, is_signing_up: bool) -> Reaction | None:
        """Return what they do about a mail, the `number`-th of its kind from 0; None: nothing.

        Who is still signing up has no need of a mail: they see it in their browser.
        """
        ...

    def after_charge(self) -> Sequence[Reaction]:
        """Return what they do unasked, now that their bank has answered to a charge."""
        ...

    def does_now(self, reaction: Reaction) -> Act | None:
        """Return what they do of what they had in mind, now that the time has come; None: they do not."""
        ...


class Bank(Issuer, Protocol):
    """One customer's bank."""

    @property
    def failures(self) -> Sequence[Failure]:
        """The renewals that it refused at first, oldest first; why, the bank alone knows."""
        ...


class Failure(Protocol):
    """A renewal that was refused at first."""

    @property
    def failed_at(self) -> datetime:
        """When."""
        ...

    @property
    def why(self) -> str:
        """The cause, which no decline says."""
        ...


class CustomerModel(Protocol):
    """How all customers behave."""

    def behaviour(self, number: int, draws: Draws, bank: Bank) -> Behaviour:
        """Return what one of them does, who has that bank."""
        ...


class IssuerModel(Protocol):
    """How all customers' banks behave."""

    def issuer(self, number: int, draws: Draws) -> Bank:
        """Return the bank of one customer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleCustomers:
    """Customers who act independently of what happened before. All figures are assumptions, to be varied.

    Attributes:
        cancels_share: how many cancel in a month of their subscription, of those who have not.
        cancels_now_share: of them, those who end it immediately; the others let its period end.
        gives_card_share: of those whose trial ends and who gave no card, how many then give one.
        updates_card_share: of those who learn that their payment failed, how many give another card each time.
        authenticates_share: of those whose bank asks them, how many pass 3-D Secure.
        fails_share: of the same, how many fail it; the rest never answer.
        reacts_within_seconds: after a mail they act within this time, all moments equally likely.
        signs_up_within_seconds: the same, while they sign up.
    """

    cancels_share: float = 0.03
    cancels_now_share: float = 0.2
    gives_card_share: float = 0.4
    updates_card_share: float = 0.5
    authenticates_share: float = 0.8
    fails_share: float = 0.1
    reacts_within_seconds: int = 2 * DAY_SECONDS
    signs_up_within_seconds: int = 300

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if name.endswith("_share"):
                share(name, getattr(self, name))
        if self.authenticates_share + self.fails_share > 1:
            raise InvalidPolicy("authenticates_share and fails_share together are at most 1")
        for name in ("reacts_within_seconds", "signs_up_within_seconds"):
            whole_number(name, getattr(self, name), least=1, most=30 * DAY_SECONDS)

    def behaviour(self, number: int, draws: Draws, bank: Bank) -> Behaviour:
        """Return what one of them does, at any bank."""
        return _SimpleBehaviour(self, number, draws)


class _SimpleBehaviour:
    def __init__(self, model: SimpleCustomers, number: int, draws: Draws) -> None:
        self._model = model
        self._number = number
        self._draws = draws

    def leaves(self, month: int) -> Reaction | None:
        """Return how they cancel in that month; None: they do not."""
        model, number, draws = self._model, self._number, self._draws
        if not draws.of("cancels").chance(model.cancels_share, number, month):
            return None
        is_now = draws.of("cancels now").chance(model.cancels_now_share, number)
        act = Act.CANCEL_NOW if is_now else Act.CANCEL_AT_PERIOD_END
        return Reaction(act, draws.of("cancels when").below(MONTH_SECONDS, number, month))

    def after_charge(self) -> Sequence[Reaction]:
        """Return what they do unasked: nothing."""
        return ()

    def does_now(self, reaction: Reaction) -> Act | None:
        """Return what they had in mind."""
        return reaction.act

    def reacts(self, mail: MailKind, number: int, at: datetime, *, is_signing_up: bool) -> Reaction | None:
        """Return what they do about a mail; None: nothing."""
        act = self._act_about(mail, number)
        if act is None:
            return None
        model = self._model
        within = model.signs_up_within_seconds if is_signing_up else model.reacts_within_seconds
        return Reaction(act, 1 + self._draws.of(f"when after {mail}").below(within, self._number, number))

    def _act_about(self, mail: MailKind, number: int) -> Act | None:
        model = self._model
        drawn = self._draws.of(f"reacts to {mail}").uniform(self._number, number)
        match mail:
            case MailKind.TRIAL_ENDING if drawn < model.gives_card_share:
                return Act.GIVE_FIRST_CARD
            case MailKind.PAYMENT_FAILED | MailKind.PAYMENT_REMINDER if drawn < model.updates_card_share:
                return Act.GIVE_ANOTHER_CARD
            case MailKind.PAYMENT_ACTION_REQUIRED if drawn < model.authenticates_share:
                return Act.PASS_AUTHENTICATION
            case MailKind.PAYMENT_ACTION_REQUIRED if drawn < model.authenticates_share + model.fails_share:
                return Act.FAIL_AUTHENTICATION
        return None


DECLINES: Mapping[str, int] = {"insufficient_funds": 6, "generic_decline": 3, "lost_card": 1}
"""Weights of the reasons for which cards are declined, by Stripe's decline codes. An assumption."""

_APPROVES = PaymentMethod()
_ASKS = PaymentMethod(three_d_secure=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimpleIssuers:
    """Banks that decide about each charge independently of all others. All figures are assumptions, to be varied.

    Attributes:
        declines_share: of all charges.
        asks_share: of all charges that are not declined: the customer must authenticate first.
        decline_mix: weights of Stripe's decline codes.
    """

    declines_share: float = 0.07
    asks_share: float = 0.02
    decline_mix: Mapping[str, int] = field(default_factory=lambda: dict(DECLINES))

    def __post_init__(self) -> None:
        share("declines_share", self.declines_share)
        share("asks_share", self.asks_share)
        instance_of("decline_mix", self.decline_mix, Mapping)
        for code, weight in self.decline_mix.items():
            instance_of("a decline code", code, str)
            whole_number(f"the weight of {code}", weight, most=1_000_000)
        if not any(self.decline_mix.values()):
            raise InvalidPolicy("decline_mix needs at least one weight above 0")

    def issuer(self, number: int, draws: Draws) -> Bank:
        """Return the bank of one customer."""
        return _SimpleIssuer(self, number, draws)


class _SimpleIssuer:
    failures: Sequence[Failure] = ()
    """It knows a charge from no other."""

    def __init__(self, model: SimpleIssuers, number: int, draws: Draws) -> None:
        self._model = model
        self._number = number
        self._draws = draws

    def answer(self, payment_method: str, amount: Money, attempt: int, at: datetime) -> PaymentMethod:
        """Return how the payment method behaves now: drawn by day and attempt, so that one charge changes no other."""
        model, draws = self._model, self._draws
        day = at.toordinal() * 64 + attempt
        if draws.of("declines").chance(model.declines_share, self._number, day):
            mix = Mix(tuple(model.decline_mix), tuple(model.decline_mix.values()))
            code = mix.pick(draws.of("decline code"), self._number, day)
            return PaymentMethod(decline=Decline("card_declined", code))
        return _ASKS if draws.of("asks").chance(model.asks_share, self._number, day) else _APPROVES
