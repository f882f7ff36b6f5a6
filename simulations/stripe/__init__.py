"""The simulated Stripe: stateful, idempotent, in virtual time, able to do the work and lose the answer."""

from simulations.stripe.cards import PAYMENT_METHODS
from simulations.stripe.clock import HandClock, StripeTimes
from simulations.stripe.delivery import DeliveryConditions, DeliveryKind, Try, TryEnding
from simulations.stripe.disturbances import Disturbance, Fault
from simulations.stripe.events import EVENT_TYPES, StripeEvent
from simulations.stripe.ledger import Movement, MovementKind
from simulations.stripe.payments import SimulatedStripe
from simulations.stripe.webhooks import WebhookSender

__all__ = [
    "EVENT_TYPES",
    "PAYMENT_METHODS",
    "DeliveryConditions",
    "DeliveryKind",
    "Disturbance",
    "Fault",
    "HandClock",
    "Movement",
    "MovementKind",
    "SimulatedStripe",
    "StripeEvent",
    "StripeTimes",
    "Try",
    "TryEnding",
    "WebhookSender",
]
