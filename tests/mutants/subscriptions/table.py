"""Every mutant of subscriptions: what it is, and which defect of the audit, or which public bug, it stands for."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.subscriptions.steps import Parts
from tests.mutants.mutant import Mutant
from tests.mutants.subscriptions import flow, records
from tests.mutants.subscriptions.merchant import Variant
from tests.mutants.subscriptions.table_of_changes import OF_CHANGES
from tests.mutants.subscriptions.table_of_dunning import OF_DUNNING

OF_SUBSCRIPTIONS: Mapping[str, Mutant] = {
    "another subscription to be safe": Mutant(
        "after silence another one is made, and the first is not looked for",
        "S2",
        Variant(parts=Parts(creation=flow.AnotherToBeSafe)),
    ),
    "never looks for orphans": Mutant(
        "what a lost answer has left lives on at Stripe", "I21", Variant(engine=flow.NeverLooksForOrphans)
    ),
    "trouble refuses the sign-up": Mutant(
        "a sign-up fails because Stripe could not be asked",
        "section 4",
        Variant(parts=Parts(creation=flow.TroubleIsARefusal)),
    ),
    "claims nothing": Mutant(
        "that a customer has none yet is looked up, and not claimed",
        "laravel/cashier-stripe#1604",
        Variant(ports=records.claims_nothing),
    ),
    "another trial": Mutant(
        "cancel, and have another free trial", "better-auth/better-auth#4539", Variant(ports=records.another_trial)
    ),
    "last writer wins on subscriptions": Mutant(
        "updates and endings overwrite each other", "S27, jikig-ai/soleur#2190", Variant(ports=records.last_writer_wins)
    ),
    "trial is active": Mutant(
        "a trial is stored as active", "S1", Variant(parts=Parts(convergence=flow.TrialIsActive))
    ),
    "waits for webhooks alone": Mutant(
        "without a webhook a renewal is never seen",
        "S24, managoat/fountain#153",
        Variant(parts=Parts(convergence=flow.LooksNever)),
    ),
    "the first decline takes access": Mutant(
        "the product is taken away while the payment is being collected",
        "superset-sh/superset#6732",
        Variant(parts=Parts(convergence=flow.TakesAccessAtTheFirstDecline)),
    ),
    "cancelled at the click": Mutant(
        "access ends when the end is scheduled", "S18", Variant(parts=Parts(convergence=flow.CancelledAtTheClick))
    ),
    "silent end with the period": Mutant(
        "no answer to ending with the period is taken for a yes", "S19", Variant(engine=flow.SilentEndIsAnEnd)
    ),
    "silent end of a subscription": Mutant(
        "no answer to the cancellation is taken for a yes",
        "S19",
        Variant(parts=Parts(ending=flow.SilentCancelIsACancel)),
    ),
    "credits what went back": Mutant(
        "unused time is credited though its money was refunded",
        "I1",
        Variant(parts=Parts(ending=flow.CreditsWhatWentBack)),
    ),
    "leaves the invoice open": Mutant(
        "after the end the open invoice stays collectable",
        "S20, bitwarden/server#7589",
        Variant(parts=Parts(ending=flow.LeavesTheInvoiceOpen)),
    ),
    "confirms before drafts are stopped": Mutant(
        "the end is confirmed though an invoice could not be closed",
        "Kilo-Org/cloud#5409",
        Variant(parts=Parts(ending=flow.ConfirmsBeforeDraftsAreStopped)),
    ),
    "stops no drafts": Mutant(
        "the draft of a renewal outlives its subscription",
        "Kilo-Org/cloud#5409",
        Variant(parts=Parts(ending=flow.StopsNoDrafts)),
    ),
    "keeps what came too late": Mutant(
        "what Stripe has collected after the customer had cancelled is kept",
        "Kilo-Org/cloud#5409",
        Variant(parts=Parts(ending=flow.KeepsWhatCameTooLate)),
    ),
    "credits again to be safe": Mutant(
        "after silence unused time is credited twice", "section 4", Variant(parts=Parts(invoices=flow.WithThatMoney))
    ),
    "silence is a decline of a card": Mutant(
        "no answer to a try is taken for a no", "S15", Variant(parts=Parts(invoices=flow.SilenceIsADecline))
    ),
    "an asking bank declines": Mutant(
        "a card whose bank asks its customer is taken for declined",
        "I24",
        Variant(parts=Parts(invoices=flow.AnAskingBankDeclines)),
    ),
    "silent void is a void": Mutant(
        "no answer to voiding is taken for a yes", "S20", Variant(parts=Parts(invoices=flow.SilentVoidIsAVoid))
    ),
    "forgets a notice about money": Mutant(
        "a dispute that cannot be looked into is forgotten",
        "I15",
        Variant(parts=Parts(invoices=flow.ForgetsTheNotice)),
    ),
    "believes any invoice": Mutant(
        "another one's invoice counts as this one's", "I15", Variant(parts=Parts(invoices=flow.BelievesAnyInvoice))
    ),
    "believes any subscription": Mutant(
        "another one's subscription counts as this one's", "I15", Variant(context=flow.BelievesAnyAnswer)
    ),
    "only the customer has the card": Mutant(
        "a card is put where the next charge does not look first",
        "B30",
        Variant(parts=Parts(cards=flow.OnlyTheCustomerHasTheCard)),
    ),
    "silent card is set": Mutant(
        "no answer to setting a card is taken for a yes", "B30", Variant(parts=Parts(cards=flow.SilentCardIsSet))
    ),
    "pays nothing open": Mutant(
        "a new card leaves what is open unpaid", "update_card", Variant(parts=Parts(cards=flow.PaysNothingOpen))
    ),
    "writes over its back-off": Mutant(
        "while Stripe fails to take a card it is asked thousands of times",
        "I29",
        Variant(engine=flow.WritesOverItsBackOff),
    ),
    "keeps a spent key": Mutant(
        "after a stored 500 the same key is used for a day", "I28", Variant(context=flow.KeepsTheKey)
    ),
    **OF_CHANGES,
    **OF_DUNNING,
}
"""By name."""
