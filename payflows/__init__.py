"""Payment flows as durable state machines: the business, without the weather. `import payflows` stays quick."""

from payflows.actors import Customer, Merchant
from payflows.app import App, build_app
from payflows.checkout.flow import EcommercePaymentFlow
from payflows.checkout.model import TRANSITIONS, Order, OrderStatus
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.pricing import CartItem, CartLimits, CurrencyTerms, PriceList
from payflows.errors import PayflowsError
from payflows.events.bus import PaymentEventBus
from payflows.events.model import BusinessEvent, EventType
from payflows.events.signing import WebhookSecret
from payflows.events.unit_of_work import UnitOfWork
from payflows.events.webhooks import Inbox, WebhookSettings
from payflows.goods import Address
from payflows.money import Money, Rate
from payflows.payments import CaptureMode
from payflows.retry import RetryPolicy
from payflows.worker import Worker

__all__ = [
    "TRANSITIONS",
    "Address",
    "App",
    "BusinessEvent",
    "CaptureMode",
    "CartItem",
    "CartLimits",
    "CheckoutPolicy",
    "CurrencyTerms",
    "Customer",
    "EcommercePaymentFlow",
    "EventType",
    "Inbox",
    "Merchant",
    "Money",
    "Order",
    "OrderStatus",
    "PayflowsError",
    "PaymentEventBus",
    "PriceList",
    "Rate",
    "RetryPolicy",
    "UnitOfWork",
    "WebhookSecret",
    "WebhookSettings",
    "Worker",
    "build_app",
]
