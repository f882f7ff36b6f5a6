"""Every mutant of plan changes, pauses and usage: what it is, and which defect, or which public bug, it stands for."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.subscriptions.steps import Parts
from tests.mutants.mutant import Mutant
from tests.mutants.subscriptions import changes, giving_back
from tests.mutants.subscriptions.merchant import Variant

OF_CHANGES: Mapping[str, Mutant] = {
    "silent change is a change": Mutant(
        "no answer to a plan change is taken for a yes",
        "S6",
        Variant(parts=Parts(plan_changes=changes.SilentChangeIsAChange)),
    ),
    "stores the plan first": Mutant(
        "the new plan is stored when it is asked for", "S6", Variant(flow=changes.StoringThePlanFirst)
    ),
    "confirms any amount": Mutant(
        "what was shown is not what is charged",
        "theopenco/llmgateway#2566",
        Variant(flow=changes.ConfirmingWhateverItCosts),
    ),
    "another key beside a slow call": Mutant(
        "a call that may be under way is made again by another key",
        "section 4",
        Variant(context=changes.AnotherKeyBeside),
    ),
    "a failed upgrade is a debt": Mutant(
        "an upgrade that is not paid takes the old plan away",
        "S6",
        Variant(parts=Parts(convergence=changes.AFailedUpgradeIsADebt)),
    ),
    "the new plan holds in silence": Mutant(
        "where an answer was lost, a downgrade at the period's end holds now",
        "S6",
        Variant(parts=Parts(plan_changes=changes.NewPlanInSilence)),
    ),
    "leaves a withdrawn change open": Mutant(
        "a change that was taken back can still be paid",
        "I16",
        Variant(parts=Parts(plan_changes=changes.LeavesItsInvoiceOpen)),
    ),
    "refunds what was credited": Mutant(
        "unused time goes back twice: as credit and to the card",
        "I1",
        Variant(parts=Parts(ending=giving_back.RefundsWhatWasCredited)),
    ),
    "credits what is to be refunded": Mutant(
        "unused time goes to the customer's balance, and the policy refunds it",
        "I1",
        Variant(parts=Parts(ending=giving_back.CreditsWhatIsToBeRefunded)),
    ),
    "access while paused": Mutant(
        "a pause costs nothing, and the product may be used",
        "S24",
        Variant(parts=Parts(convergence=changes.KeepsAccessWhilePaused)),
    ),
    "gives a free month": Mutant(
        "after a pause the product may be used in a period that no one pays for",
        "I20",
        Variant(parts=Parts(convergence=changes.GivesAFreeMonth)),
    ),
    "forgets drafts": Mutant(
        "what a pause has kept as a draft is never collected",
        "I14",
        Variant(parts=Parts(convergence=changes.ForgetsDrafts)),
    ),
    "silent pause is a pause": Mutant(
        "no answer to a pause is taken for a yes", "S24", Variant(parts=Parts(pausing=changes.SilentPauseIsAPause))
    ),
    "resumes under way": Mutant(
        "a pause takes effect after it was taken back", "section 4", Variant(flow=changes.ResumingUnderWay)
    ),
    "keeps under way": Mutant(
        "an end with the period takes effect after it was taken back",
        "section 4",
        Variant(flow=changes.KeepingUnderWay),
    ),
    "an identifier per try": Mutant(
        "usage is counted once for every try",
        "S21, langfuse/langfuse#15917, diggerhq/opencomputer#276",
        Variant(ports=changes.identifier_per_try),
    ),
    "exists already stands still": Mutant(
        "usage that Stripe has already is never taken for delivered",
        "langfuse/langfuse#16292",
        Variant(ports=changes.stands_still),
    ),
    "silent report is a refusal": Mutant(
        "no answer to a report of usage is taken for a no",
        "S21",
        Variant(parts=Parts(usage=changes.SilentReportIsARefusal)),
    ),
    "looks at the cap": Mutant("two that come concurrently pass the cap", "S22", Variant(flow=changes.LookingAtTheCap)),
    "ends before usage is counted": Mutant(
        "a cancellation does not wait for usage, which no invoice then bills",
        "S20",
        Variant(parts=Parts(ending=changes.EndsBeforeUsageIsCounted)),
    ),
}
"""By name."""
