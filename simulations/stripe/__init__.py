"""The simulated Stripe: stateful, idempotent, in virtual time, able to do the work and lose the answer."""

from simulations.stripe.billing.event_types import BILLING_EVENT_TYPES
from simulations.stripe.billing.settings import AfterRetries, BillingMode, BillingSettings, CustomRetries, SmartRetries
from simulations.stripe.connect.event_types import CONNECTED_EVENT_TYPES, PLATFORM_EVENT_TYPES
from simulations.stripe.connect.settings import ConnectSettings
from simulations.stripe.core.events import StripeEvent
from simulations.stripe.core.faults import Disturbance, Fault
from simulations.stripe.core.ledger import Movement, MovementKind
from simulations.stripe.core.times import StripeTimes
from simulations.stripe.payments.cards import PAYMENT_METHODS, PaymentMethod
from simulations.stripe.payments.event_types import EVENT_TYPES
from simulations.stripe.payments.methods import Issuer
from simulations.stripe.simulated import SimulatedStripe
from simulations.stripe.webhooks.conditions import DeliveryConditions
from simulations.stripe.webhooks.deliveries import DeliveryKind, Try, TryEnding
from simulations.stripe.webhooks.handover import SignedPost, ValueHandover
from simulations.stripe.webhooks.sender import WebhookSender
from simulations.time.hand_clock import HandClock

__all__ = [
    "BILLING_EVENT_TYPES",
    "CONNECTED_EVENT_TYPES",
    "EVENT_TYPES",
    "PAYMENT_METHODS",
    "PLATFORM_EVENT_TYPES",
    "AfterRetries",
    "BillingMode",
    "BillingSettings",
    "ConnectSettings",
    "CustomRetries",
    "DeliveryConditions",
    "DeliveryKind",
    "Disturbance",
    "Fault",
    "HandClock",
    "Issuer",
    "Movement",
    "MovementKind",
    "PaymentMethod",
    "SignedPost",
    "SimulatedStripe",
    "SmartRetries",
    "StripeEvent",
    "StripeTimes",
    "Try",
    "TryEnding",
    "ValueHandover",
    "WebhookSender",
]
