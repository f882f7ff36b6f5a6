"""The simulated Stripe: stateful, idempotent, in virtual time, able to do the work and lose the answer."""

from simulations.stripe.core.events import StripeEvent
from simulations.stripe.core.faults import Disturbance, Fault
from simulations.stripe.core.ledger import Movement, MovementKind
from simulations.stripe.core.times import StripeTimes
from simulations.stripe.payments.cards import PAYMENT_METHODS
from simulations.stripe.payments.event_types import EVENT_TYPES
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.deliveries import DeliveryKind, Try, TryEnding
from simulations.stripe.webhooks.handover import SignedPost, ValueHandover
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.time.hand_clock import HandClock

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
    "SignedPost",
    "SimulatedStripe",
    "StripeEvent",
    "StripeTimes",
    "Try",
    "TryEnding",
    "ValueHandover",
    "WebhookSender",
]
