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
from payflows.subscriptions.business import SubscriptionSetup
from payflows.subscriptions.dunning import DunningPolicy, LastStep
from payflows.subscriptions.flow import SaaSSubscriptionFlow
from payflows.subscriptions.model import Subscription, SubscriptionStatus
from payflows.subscriptions.plan_requests import PlanPreview
from payflows.subscriptions.plans import Interval, Metered, Plan, PlanCatalogue
from payflows.subscriptions.policy import (
    CancelPolicy,
    ChangeTiming,
    OpenInvoices,
    PauseMeans,
    PausePolicy,
    SubscriptionPolicy,
    UnusedTime,
)

__all__ = [
    "ORDERS",
    "TRANSITIONS",
    "Address",
    "App",
    "BusinessEvent",
    "CancelPolicy",
    "CaptureMode",
    "CartItem",
    "CartLimits",
    "ChangeTiming",
    "CheckoutPolicy",
    "CheckoutSetup",
    "CurrencyTerms",
    "Customer",
    "DunningPolicy",
    "EcommercePaymentFlow",
    "EventType",
    "Inbox",
    "Interval",
    "LastStep",
    "Merchant",
    "Metered",
    "Money",
    "OpenInvoices",
    "Order",
    "OrderStatus",
    "PauseMeans",
    "PausePolicy",
    "PayflowsError",
    "PaymentEventBus",
    "Plan",
    "PlanCatalogue",
    "PlanPreview",
    "PriceList",
    "Rate",
    "RetryPolicy",
    "SaaSSubscriptionFlow",
    "Subscription",
    "SubscriptionPolicy",
    "SubscriptionSetup",
    "SubscriptionStatus",
    "UnitOfWork",
    "UnusedTime",
    "WebhookSecret",
    "WebhookSettings",
    "Worker",
    "build_app",
]
