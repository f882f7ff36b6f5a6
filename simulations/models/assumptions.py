"""What is known of each parameter of the models: unit, range, source, and whether it was measured or assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

SOURCES: Mapping[str, tuple[str, str]] = {
    "angrist": (
        "Angrist, Caldwell and Hall, 2021: a platform's fee removed at random",
        "https://topsight.net/paper/W3175370650",
    ),
    "approval": ("EBANX", "https://ebanx.com/en/resources/payments-explained/credit-card-declines"),
    "baremetrics": ("Baremetrics, 2024", "https://baremetrics.com/blog/improve-dunning-recovery-rate"),
    "basic_rules": (
        "one e-mail and simple retries, 2025",
        "https://merchantriskcouncil.org/learning/resource-center/member-news/blog/2025/tackling-the-silent-revenue-killer",
    ),
    "bls": ("US pay periods, BLS, 2019", "https://demomemo.blogspot.com/2019/09/how-often-do-workers-get-paid.html"),
    "buffer": ("one company's subscriptions, counted, 2020-22", "https://github.com/jwinternheimer/data-blog"),
    "churnbuster": ("Churn Buster, 2019-25", "https://churnbuster.io/docs/retries"),
    "chargebacks": (
        "chargeback rates in e-commerce",
        "https://bestforecommerce.com/ecommerce-statistics/payments-risk/chargeback-rate-benchmarks",
    ),
    "churnkey": ("Churnkey, 5 million failures on Stripe, 2024", ""),
    "drip": (
        "a fee of 15 % shown up front, StubHub",
        "https://newsroom.haas.berkeley.edu/magazine/spring-2021/drip-buy/",
    ),
    "kcfed": (
        "Federal Reserve Bank of Kansas City, working paper 16-01",
        "https://docslib.org/doc/7890241/chargebacks-another-payment-card-acceptance-cost-for-merchants",
    ),
    "pagos": ("Pagos, 2024", "https://pagos.ai/blog/optimizing-your-retry-strategy"),
    "payday": (
        "Olafsson and Pagel, 2016",
        "https://business.columbia.edu/cgi-economics-policy/chazen-global-insights/payday-consumers-feel-license-spend",
    ),
    "profitwell": (
        "delinquencies recovered, ProfitWell, 2018",
        "https://www.profitwell.com/blog/deliquent-churn-benchmarks",
    ),
    "recurly_churn": ("Recurly, 2018", "https://recurly.com/research/churn-rate-benchmarks/"),
    "recurly_codes": ("Recurly, 2014-16", "https://info.recurly.com/how-do-you-compare/"),
    "recurly_failures": ("Recurly, 2018", "https://recurly.com/research/subscriber-retention-benchmarks/"),
    "recurly_night": ("Recurly, 2013", "https://recurly.com/blog/credit-card-declines-time-day-critical"),
    "recurly_days": (
        "Recurly, 2018",
        "https://www.recurly.com/research/subscription-benchmarks-top-payment-decline-reasons/",
    ),
    "spreedly": ("Spreedly, 2018", "https://spreedly.com/2018/01/17/lower-credit-card-decline-rates"),
    "stripe_fees": ("Stripe's price list, cards and Billing, US", "https://stripe.com/pricing"),
    "updater": ("Recurly, 2014", "https://blog.recurly.com/2014/08/results-account-updater-for-recurring-billing"),
}
"""What was published, and where if it is online, by the names that the assumptions use."""


class Assumption(NamedTuple):
    """What is known of a parameter.

    Attributes:
        unit: "share" is 0 to 1; "days", "hours", "ratio" and "shape" are above 0; "per day" and "exponent" from 0 on.
        range: the least and the most that is plausible; of a fitted one its prior; None where it was not varied.
        source: a key of `SOURCES`, what it was measured by or is guided by; "" where nothing is published.
        meaning: what it says.
        basis: "measured", "assumed" or "fitted": assumed within the range, then accepted where aggregates agreed.
    """

    unit: str
    range: tuple[float, float] | None
    source: str
    meaning: str
    basis: str = "fitted"


_MEASURED, _ASSUMED = "measured", "assumed"

ASSUMPTIONS: Mapping[str, Assumption] = {
    "mix_nsf": Assumption("share", (0.25, 0.5), "spreedly", "of failures: too little money in the account"),
    "mix_stale_card": Assumption("share", (0.05, 0.25), "recurly_codes", "of failures: the card was replaced"),
    "mix_transient": Assumption("share", (0.03, 0.15), "recurly_codes", "of failures: a technical error"),
    "mix_dead_card": Assumption("share", (0.03, 0.08), "recurly_codes", "of failures: the card was lost or stolen"),
    "mix_auth_required": Assumption(
        "share", (0.01, 0.1), "recurly_codes", "of failures: the bank asks for authentication"
    ),
    "nsf_chronic": Assumption("share", (0.1, 0.6), "buffer", "of NSF: no money on any payday"),
    "nsf_cycle_ok": Assumption("share", (0.4, 0.95), "churnbuster", "of paydays of the others: they bring enough"),
    "nsf_funds_days": Assumption("days", (1, 12), "payday", "mean time that money lasts after a payday"),
    "risk_cure": Assumption("share", (0.2, 0.75), "pagos", "of issuer_risk: the issuer approves again some day"),
    "risk_fast_share": Assumption("share", (0.05, 0.5), "", "of them: soon"),
    "risk_fast_days": Assumption("days", (0.5, 2), "", "mean time until it does, of the fast"),
    "risk_slow_days": Assumption("days", (4, 20), "buffer", "mean time until it does, of the slow"),
    "transient_cure": Assumption("share", (0.8, 0.98), "", "of technical errors: they pass"),
    "updater_cure": Assumption("share", (0.05, 0.35), "updater", "of replaced cards: the updater finds the new one"),
    "updater_days": Assumption("days", (3, 10), "", "mean time until it does"),
    "valid_card_given_click": Assumption("share", (0.45, 0.85), "churnbuster", "of clicks: a new card follows"),
    "click_day_weight": Assumption("share", (0, 1), "", "0: clicks depend on a notice's number; 1: on its day"),
    "response_spread": Assumption("exponent", (0, 1.5), "", "how far the causes' responses differ; 0: not at all"),
    "spontaneous_per_day": Assumption("per day", (0, 0.01), "", "updates of the card that no notice asked for"),
    "cancel_per_notice": Assumption("share", (0.005, 0.04), "buffer", "of notices: the customer cancels"),
    "flat_cancel_per_day": Assumption("per day", (0.0004, 0.002), "recurly_churn", "cancels for any other reason"),
    "mix_processor_refusal": Assumption(
        "share", (0, 0.15), "churnkey", "of failures: the processor refuses the card; off by default", _ASSUMED
    ),
    "opaque": Assumption(
        "share", (0.3, 0.7), "recurly_codes", "of declines: the code says nothing; half of it for hard causes", _ASSUMED
    ),
    "pay_mix": Assumption(
        "share", None, "bls", "of accounts: paid weekly, biweekly, twice a month, monthly", _MEASURED
    ),
    "transient_median_days": Assumption(
        "days", None, "recurly_days", "median time until a technical error passes", _ASSUMED
    ),
    "transient_shape": Assumption("shape", None, "recurly_days", "spread of that time, log-logistic", _ASSUMED),
    "click_rates": Assumption(
        "share", None, "baremetrics", "of notices 1 to 6, sent on days 0, 3, 7, 15, 20, 30: clicked", _MEASURED
    ),
    "relative_response": Assumption("ratio", None, "", "response to a notice by cause, before it is spread", _ASSUMED),
    "new_card_approved": Assumption("share", (0.85, 0.97), "approval", "of new cards: they pay", _ASSUMED),
    "reaction_delay_hours": Assumption(
        "hours", None, "", "least and most between a notice and the update, all equally likely", _ASSUMED
    ),
}
"""By the parameter's name in `DunningParameters`."""

RENEWAL_ASSUMPTIONS: Mapping[str, Assumption] = {
    "failure_share": Assumption(
        "share", (0.04, 0.12), "recurly_failures", "of renewals: the first try fails", _MEASURED
    ),
    "first_renewal_ratio": Assumption("ratio", (1.5, 2.5), "buffer", "of failures of the first to those", _MEASURED),
    "late_renewal_ratio": Assumption("ratio", None, "buffer", "of failures from the 13th on to those", _MEASURED),
    "night_ratio": Assumption("ratio", (1.44, 1.55), "recurly_night", "of failures from 1 to 4 at night", _MEASURED),
    "cancel_after_renewal": Assumption("share", (0.004, 0.013), "buffer", "of paid renewals: they cancel", _MEASURED),
    "voluntary_per_month": Assumption(
        "per month",
        (0.02, 0.045),
        "recurly_churn",
        "all voluntary churn, B2B; 0.0395 of all plans",
        _MEASURED,
    ),
    "churn_alpha": Assumption("shape", None, "buffer", "of all churn by age, shifted beta-geometric", _MEASURED),
    "churn_beta": Assumption("shape", None, "buffer", "of the same", _MEASURED),
}
"""By the parameter's name in `RenewalParameters`."""

COST_ASSUMPTIONS: Mapping[str, Assumption] = {
    "processing_share": Assumption(
        "share", (0.029, 0.036), "stripe_fees", "of what is collected: for payment and billing", _MEASURED
    ),
    "processing_fixed_minor": Assumption(
        "minor units", None, "stripe_fees", "for each charge that succeeds", _MEASURED
    ),
    "attempt_minor": Assumption(
        "minor units", (0, 13), "", "for each attempt or charge of a new card, paid or declined", _ASSUMED
    ),
    "notice_minor": Assumption("minor units", (0.01, 2), "", "for each notice", _ASSUMED),
    "contact_share": Assumption(
        "share", (0.002, 0.03), "", "of notices and declines: the customer asks support", _ASSUMED
    ),
    "contact_minor": Assumption("minor units", (200, 1500), "", "for each time that support is asked", _ASSUMED),
}
"""By the parameter's name in `DunningCosts`. Fees of the networks beyond their limits do not occur within these."""

MARKET_ASSUMPTIONS: Mapping[str, Assumption] = {
    "supply_elasticity": Assumption(
        "elasticity", (0.3, 2.0), "angrist", "of what sellers offer to what the fee leaves them", _MEASURED
    ),
    "demand_elasticity": Assumption(
        "elasticity", (-1.5, -0.4), "drip", "of what buyers buy to the price; the default is an upper bound", _MEASURED
    ),
    "exit_hazard": Assumption(
        "per quarter", (0.003, 0.02), "", "of sellers: they leave, for each point above the reference fee", _ASSUMED
    ),
    "buyers_who_stay": Assumption(
        "share", (0, 1), "", "of the buyers of sellers who left: they buy from others here", _ASSUMED
    ),
    "reference_fee": Assumption("share", (0.05, 0.2), "", "of the price: sellers are in balance at it", _ASSUMED),
    "refund_rate": Assumption("share", (0.02, 0.18), "", "of sales: refunded, with the fee", _ASSUMED),
    "dispute_rate": Assumption("share", (0.001, 0.009), "chargebacks", "of sales: disputed", _MEASURED),
    "dispute_loss": Assumption("share", (0.7, 0.8), "kcfed", "of disputed sales: the platform loses them", _MEASURED),
}
"""By the parameter's name in `MarketParameters`. The exit hazard is guided by one marketplace's rise of its fee."""
