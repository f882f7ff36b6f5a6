"""Payment flows as durable state machines: the business, without the weather. `import payflows` stays quick."""

from payflows.app import App, build_app
from payflows.checkout.business import CheckoutSetup
from payflows.checkout.flow import EcommercePaymentFlow
from payflows.checkout.goods import Address
from payflows.checkout.messages import ORDERS, EventType
from payflows.checkout.model import TRANSITIONS, Order, OrderStatus
from payflows.checkout.policy import CheckoutPolicy
from payflows.checkout.pricing import CartItem, CartLimits, CurrencyTerms, PriceList
from payflows.errors import PayflowsError
from payflows.kernel.bus import PaymentEventBus
from payflows.kernel.inbox import Inbox
from payflows.kernel.messages import BusinessEvent
from payflows.kernel.retry import RetryPolicy
from payflows.kernel.unit_of_work import UnitOfWork
from payflows.kernel.worker import Worker
from payflows.money import Money, Rate
from payflows.parties import Customer, Merchant
from payflows.payments.model import CaptureMode
from payflows.stripe.webhooks.endpoint import WebhookSettings
from payflows.stripe.webhooks.signature import WebhookSecret

__all__ = [
    "ORDERS",
    "TRANSITIONS",
    "Address",
    "App",
    "BusinessEvent",
    "CaptureMode",
    "CartItem",
    "CartLimits",
    "CheckoutPolicy",
    "CheckoutSetup",
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
