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
from payflows.marketplace.business import MarketplaceSetup
from payflows.marketplace.connect import BusinessType
from payflows.marketplace.fee_terms import FeeTerms, FeeTier, StripeFee, StripeFeeBorneBy
from payflows.marketplace.fees import CategoryTerms, FeeSchedule
from payflows.marketplace.flow import MarketplacePaymentFlow
from payflows.marketplace.input import CartPart
from payflows.marketplace.policy import MarketplacePolicy, PayoutPolicy
from payflows.marketplace.sale import Sale, SaleStatus
from payflows.marketplace.vendor import Vendor, VendorStatus
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
    "BusinessType",
    "CancelPolicy",
    "CaptureMode",
    "CartItem",
    "CartLimits",
    "CartPart",
    "CategoryTerms",
    "ChangeTiming",
    "CheckoutPolicy",
    "CheckoutSetup",
    "CurrencyTerms",
    "Customer",
    "DunningPolicy",
    "EcommercePaymentFlow",
    "EventType",
    "FeeSchedule",
    "FeeTerms",
    "FeeTier",
    "Inbox",
    "Interval",
    "LastStep",
    "MarketplacePaymentFlow",
    "MarketplacePolicy",
    "MarketplaceSetup",
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
    "PayoutPolicy",
    "Plan",
    "PlanCatalogue",
    "PlanPreview",
    "PriceList",
    "Rate",
    "RetryPolicy",
    "SaaSSubscriptionFlow",
    "Sale",
    "SaleStatus",
    "StripeFee",
    "StripeFeeBorneBy",
    "Subscription",
    "SubscriptionPolicy",
    "SubscriptionSetup",
    "SubscriptionStatus",
    "UnitOfWork",
    "UnusedTime",
    "Vendor",
    "VendorStatus",
    "WebhookSecret",
    "WebhookSettings",
    "Worker",
    "build_app",
]
