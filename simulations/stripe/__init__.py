"""The simulated Stripe: stateful, idempotent, in virtual time, able to do the work and lose the answer."""

from simulations.stripe.cards import PAYMENT_METHODS
from simulations.stripe.clock import HandClock, StripeTimes
from simulations.stripe.disturbances import Disturbance, Fault
from simulations.stripe.ledger import Movement, MovementKind
from simulations.stripe.payments import SimulatedStripe

__all__ = [
    "PAYMENT_METHODS",
    "Disturbance",
    "Fault",
    "HandClock",
    "Movement",
    "MovementKind",
    "SimulatedStripe",
    "StripeTimes",
]
