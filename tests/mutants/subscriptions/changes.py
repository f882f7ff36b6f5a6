"""Bugs in how subscriptions change: another plan, a pause, and what is used."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from payflows.errors import CallRejected, OutcomeUnknown
from payflows.kernel.changes import Change
from payflows.subscriptions.access import Access, AccessReason
from payflows.subscriptions.billing import ALREADY_REPORTED, BillingStatus, ItemsChange, StripeSubscription
from payflows.subscriptions.converge import Convergence
from payflows.subscriptions.ending import Ending
from payflows.subscriptions.flow import SaaSSubscriptionFlow
from payflows.subscriptions.gateway import BillingGateway
from payflows.subscriptions.invoice import Invoice
from payflows.subscriptions.kept_drafts import KeptDrafts
from payflows.subscriptions.model import Subscription
from payflows.subscriptions.pause_requests import PauseRequests
from payflows.subscriptions.pausing import Pausing
from payflows.subscriptions.plan_changes import PlanChanges
from payflows.subscriptions.plan_requests import PlanPreview, PlanRequests
from payflows.subscriptions.plans import Metered
from payflows.subscriptions.policy import ChangeTiming
from payflows.subscriptions.requests import Requests
from payflows.subscriptions.step_context import StepContext
from payflows.subscriptions.usage import Usage, UsageStatus
from payflows.subscriptions.usage_requests import UsageRequests
from payflows.subscriptions.usage_steps import UsageEngine
from payflows.subscriptions.wishes import PauseWish, PlanChange
from simulations.subscriptions.system import Ports


class SilentChangeIsAChange(PlanChanges):
    """No answer to a plan change is taken for a yes (S6)."""

    async def _ask(
        self, subscription: Subscription, change: PlanChange, seen: StripeSubscription
    ) -> Subscription | None:
        billing, key = self._context.billing, subscription.key(f"change-{change.number}-{change.timing}")
        wanted = ItemsChange(seen.item_id, seen.metered_item_id, change.to.items)
        answer = await self._context.calls.call_for_outcome(
            lambda: billing.change_items(seen.id, change=wanted, proration_at=change.proration_at, key=key)
        )
        if isinstance(answer, OutcomeUnknown):
            made = self._made(change, seen)
            return await self._subscriptions.schedule(subscription, terms=change.to, **made)
        return await super()._ask(subscription, change, seen)


class NewPlanInSilence(PlanChanges):
    """Where the answer to a downgrade was lost, the old terms are not kept: the new plan holds immediately."""

    async def _ask(
        self, subscription: Subscription, change: PlanChange, seen: StripeSubscription
    ) -> Subscription | None:
        billing, key = self._context.billing, subscription.key(f"change-{change.number}-{change.timing}")
        wanted = ItemsChange(seen.item_id, seen.metered_item_id, change.to.items)
        answer = await self._context.calls.call_for_outcome(
            lambda: billing.change_items(seen.id, change=wanted, proration_at=change.proration_at, key=key)
        )
        if isinstance(answer, OutcomeUnknown) and change.timing is ChangeTiming.AT_PERIOD_END:
            return await self._convergence.converge(subscription, await self._context.read(subscription), change=None)
        return await super()._ask(subscription, change, seen)


class LeavesItsInvoiceOpen(PlanChanges):
    """A change that is withdrawn is forgotten here, and may still be paid there."""

    async def _follow(
        self, subscription: Subscription, change: PlanChange, seen: StripeSubscription
    ) -> Subscription | None:
        if change.is_withdrawn:
            return await self._convergence.converge(subscription, seen, change=None)
        return await super()._follow(subscription, change, seen)


class ConfirmsWhateverItCosts(PlanRequests):
    """What was shown is not compared with what it costs now."""

    async def change(self, subscription: Subscription, confirmed: PlanPreview) -> Subscription:
        to = self._terms(subscription, confirmed.plan_id, confirmed.seats)
        timing = self._timing(subscription, to, confirmed.timing)
        change = self._wanted(subscription, to, timing, confirmed.previewed_at)
        return await self._subscriptions.request(subscription, change=change, changes=change.number)


class StoresThePlanFirst(PlanRequests):
    """The new plan is stored when it is asked for, and not when Stripe has made it (S6)."""

    async def change(self, subscription: Subscription, confirmed: PlanPreview) -> Subscription:
        wanted = await super().change(subscription, confirmed)
        if wanted.change is None:
            return wanted
        return await self._subscriptions.request(wanted, terms=wanted.change.to)


class AnotherKeyBeside(StepContext):
    """While a call may still be under way, it is made again by another key."""

    async def retry_undone(self, subscription: Subscription, answer: object, undone: str) -> None:
        await self.retry_with_new_key(subscription, OutcomeUnknown(undone))

    async def retry_invoice_undone(self, invoice: Invoice, answer: object, undone: str) -> None:
        await self.retry_invoice_with_new_key(invoice, OutcomeUnknown(undone))


class AFailedUpgradeIsADebt(Convergence):
    """A change that waits for its payment takes the product away, as if the old plan were not paid."""

    async def _facts(
        self, subscription: Subscription, seen: StripeSubscription, theirs: BillingStatus
    ) -> dict[str, Any]:
        facts = await super()._facts(subscription, seen, theirs)
        return facts | ({"access": Access(False, None, AccessReason.UNPAID)} if seen.pending_update else {})


class KeepsAccessWhilePaused(Convergence):
    """A pause costs nothing, and the product may be used."""

    async def _facts(
        self, subscription: Subscription, seen: StripeSubscription, theirs: BillingStatus
    ) -> dict[str, Any]:
        facts = await super()._facts(subscription, seen._replace(paused_collection=None), theirs)
        return facts | {"paused": seen.paused_collection}


class GivesAFreeMonth(Convergence):
    """That a pause has voided the period's invoice is forgotten as it ends."""

    def _unpaid_until(self, subscription: Subscription, seen: StripeSubscription) -> datetime | None:
        return None


class _LeftAsTheyAre(KeptDrafts):
    async def begun(self, subscription: Subscription, seen: StripeSubscription) -> tuple[Change, ...]:
        return ()


class ForgetsDrafts(Convergence):
    """What a pause has kept as a draft stays one."""

    def __init__(self, context: StepContext) -> None:
        super().__init__(context)
        self._kept_drafts = _LeftAsTheyAre(context)


class SilentPauseIsAPause(Pausing):
    """No answer to a pause, or its end, is taken for a yes."""

    async def _ask(self, subscription: Subscription, wish: PauseWish, seen: StripeSubscription) -> object:
        self._is_silent = isinstance(answer := await super()._ask(subscription, wish, seen), OutcomeUnknown)
        return answer

    def _is_done(self, wish: PauseWish, seen: StripeSubscription) -> bool:
        return getattr(self, "_is_silent", False) or super()._is_done(wish, seen)


class ResumesUnderWay(PauseRequests):
    """A pause may be taken back while the call by which it is made is under way, and takes effect after that."""

    async def resume(self, subscription: Subscription) -> Subscription:
        if subscription.pause_wanted is not None and subscription.pause_wanted.paused:
            return await self._request(subscription, PauseWish(False))
        return await super().resume(subscription)


class KeepsUnderWay(Requests):
    """The same of an end with the period."""

    async def keep(self, subscription: Subscription) -> Subscription:
        if subscription.end_wanted:
            return await self._request_end(subscription, wanted=False)
        return await super().keep(subscription)


class EndsBeforeUsageIsCounted(Ending):
    """A cancellation does not wait until what was used is reported, and counted."""

    async def _usage_is_counted(self, subscription: Subscription) -> bool:
        return True


class SilentReportIsARefusal(UsageEngine):
    """No answer to a report is taken for a no."""

    async def _report(self, usage: Usage, *, is_first: bool) -> Usage | None:
        await super()._report(usage, is_first=is_first)
        current = await self._usage.get(usage.id)
        if current.status is UsageStatus.RECORDED and current.key_generation > usage.key_generation:
            return await self._usage.transition(current, UsageStatus.REJECTED)
        return current if current.status is not usage.status else None


class LooksAtTheCap(UsageRequests):
    """What a period has is read, and counted after: two that come concurrently pass the cap."""

    async def _add(self, subscription: Subscription, usage: Usage, metered: Metered) -> Usage:
        uncapped = Metered(metric=metered.metric, meter=metered.meter, price_id=metered.price_id)
        before = await self._tally(subscription, usage, await self._period_start(subscription, usage.used_at))
        if before is not None and metered.cap is not None and before.quantity + usage.quantity > metered.cap:
            return await super()._add(subscription, usage, metered)
        return await super()._add(subscription, usage, uncapped)


class _Billing:
    """Billing in front of the real one."""

    def __init__(self, billing: BillingGateway) -> None:
        self._billing = billing

    def __getattr__(self, name: str) -> object:
        return getattr(self._billing, name)


class IdentifierPerTry(_Billing):
    """Each report of usage has an identifier of its key."""

    async def report_usage(self, usage_id: str, *, key: str, **usage: Any) -> str:
        await self._billing.report_usage(key.replace(":", "_"), key=key, **usage)
        return usage_id


class ExistsAlready(_Billing):
    """What Stripe has already is an error like any other: usage stands still there."""

    async def report_usage(self, usage_id: str, **usage: Any) -> str:
        try:
            return await self._billing.report_usage(usage_id, **usage)
        except CallRejected as rejected:
            if rejected.code == ALREADY_REPORTED:
                raise OutcomeUnknown("it exists already") from rejected
            raise


def identifier_per_try(ports: Ports) -> Ports:
    return ports._replace(billing=IdentifierPerTry(ports.billing))  # type: ignore[arg-type]  # the rest is the real one


def stands_still(ports: Ports) -> Ports:
    return ports._replace(billing=ExistsAlready(ports.billing))  # type: ignore[arg-type]  # the rest is the real one


class ConfirmingWhateverItCosts(SaaSSubscriptionFlow):
    """Confirms another amount."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._plan_requests = ConfirmsWhateverItCosts(self._context)


class StoringThePlanFirst(SaaSSubscriptionFlow):
    """Stores the plan first."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._plan_requests = StoresThePlanFirst(self._context)


class ResumingUnderWay(SaaSSubscriptionFlow):
    """Resumes what may still be paused."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._pause_requests = ResumesUnderWay(self._context)


class KeepingUnderWay(SaaSSubscriptionFlow):
    """Keeps what may still be ended."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._requests = KeepsUnderWay(self._merchant, self._engine)


class LookingAtTheCap(SaaSSubscriptionFlow):
    """Looks at the cap, and counts after."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._usage_requests = LooksAtTheCap(self._context)
