"""Every mutant of the marketplace: what it is, and which defect of the audit, or which public bug, it stands for."""

from __future__ import annotations

from collections.abc import Mapping

from payflows.marketplace.steps import Parts
from tests.mutants.marketplace import flow
from tests.mutants.marketplace.variant import Variant
from tests.mutants.mutant import Mutant

OF_MARKETPLACE: Mapping[str, Mutant] = {
    "another account to be safe": Mutant(
        "after silence a vendor gets another account", "M8", Variant(parts=Parts(vendors=flow.AnotherAccountToBeSafe))
    ),
    "account of a 5xx": Mutant(
        "an account that a 5xx has made is not looked for", "M8", Variant(parts=Parts(vendors=flow.AccountOfA5xx))
    ),
    "first answer is for good": Mutant(
        "a vendor who fills the form in never becomes active",
        "M7",
        Variant(parts=Parts(vendors=flow.FirstAnswerIsForGood)),
    ),
    "sells for anyone": Mutant(
        "a restricted vendor is charged for", "M6", Variant(parts=Parts(unpaid=flow.SellsForAnyone))
    ),
    "keeps the volume": Mutant(
        "a sale that failed counts for the tier", "M4", Variant(parts=Parts(unpaid=flow.KeepsTheVolume))
    ),
    "forgets a cancellation": Mutant(
        "who cancels while the payment succeeds is charged",
        "I16",
        Variant(parts=Parts(unpaid=flow.ForgetsACancellation)),
    ),
    "fails before it is cancelled": Mutant(
        "a sale fails while its payment may still be taken",
        "I2",
        Variant(parts=Parts(unpaid=flow.FailsBeforeItIsCancelled)),
    ),
    "no orphans of sales": Mutant(
        "what a lost answer has left is never cancelled", "I15", Variant(parts=Parts(unpaid=flow.NeverLooksForOrphans))
    ),
    "moves without a look": Mutant(
        "after a 5xx a share is sent twice", "M4, M5", Variant(parts=Parts(movements=flow.MovesWithoutALook))
    ),
    "another key each time": Mutant(
        "a movement whose answer was lost is made again", "M4", Variant(parts=Parts(movements=flow.AnotherKeyEachTime))
    ),
    "posts afterwards": Mutant(
        "a crash leaves a movement out of the ledger", "M5", Variant(parts=Parts(movements=flow.PostsAfterwards))
    ),
    "takes no share back": Mutant(
        "the buyer is refunded, and the vendors keep their shares",
        "getdokan/dokan#905",
        Variant(parts=Parts(movements=flow.TakesNoShareBack)),
    ),
    "forgets a debt": Mutant(
        "a reversal that the vendor cannot meet is forgotten",
        "BanchanArt/banchan#332",
        Variant(parts=Parts(movements=flow.ForgetsADebt)),
    ),
    "keeps the share": Mutant(
        "a refund came back, and the vendor gets nothing again",
        "alphagov/pay-connector#5139",
        Variant(parts=Parts(movements=flow.KeepsTheShare)),
    ),
    "forgets what it took": Mutant(
        "what was taken back becomes available", "M9", Variant(parts=Parts(movements=flow.ForgetsWhatItTook))
    ),
    "refunds are for good": Mutant(
        "a refund that fails later is not seen", "M9", Variant(engine=flow.RefundsAreForGood)
    ),
    "takes the share twice": Mutant(
        "a refund in the dashboard that has taken the share back is taken from the vendor once more",
        "M9",
        Variant(engine=flow.TakesTheShareTwice),
    ),
    "loss is ours": Mutant(
        "a lost dispute is paid by the platform",
        "alphagov/pay-connector#3902",
        Variant(parts=Parts(disputes=flow.LossIsOurs)),
    ),
    "lost is lost": Mutant("a late win stays with the platform", "B59", Variant(parts=Parts(disputes=flow.LostIsLost))),
    "pays a write-off": Mutant(
        "a debt that was written off, and was none, is sent to a vendor who never paid it",
        "M3",
        Variant(parts=Parts(movements=flow.PaysAWriteOff)),
    ),
    "releases the whole": Mutant(
        "what was taken back is paid out",
        "spree/spree#14622",
        Variant(parts=Parts(booking=flow.ReleasesTheWhole)),
    ),
    "reserves for ever": Mutant(
        "what is held back is never let go", "section 1", Variant(parts=Parts(booking=flow.ReservesForEver))
    ),
    "books in two steps": Mutant(
        "the shares of a cart are never sent", "spree/spree#14622", Variant(parts=Parts(booking=flow.BooksInTwoSteps))
    ),
    "never recovers": Mutant(
        "what a vendor owes is not kept from later sales", "section 1", Variant(parts=Parts(booking=flow.NeverRecovers))
    ),
    "paid is for good": Mutant(
        "a payout that came back reads paid",
        "stripe/stripe-mirakl-connector#146",
        Variant(parts=Parts(payouts=flow.PaidIsForGood)),
    ),
    "pays out without a look": Mutant(
        "after a 5xx a vendor is paid out twice",
        "antiwork/gumroad#6620",
        Variant(parts=Parts(payouts=flow.PaysOutWithoutALook)),
    ),
    "blocks the vendor": Mutant(
        "a vendor is paid out once and never again", "section 1", Variant(parts=Parts(payouts=flow.BlocksTheVendor))
    ),
    "knows no account": Mutant(
        "what Stripe says of a vendor's account is ignored", "M7", Variant(flow=flow.KnowsNoAccount)
    ),
    "refuses the second press": Mutant(
        "a double click is answered with a conflict", "I16", Variant(flow=flow.RefusesTheSecondPress)
    ),
}
"""By name."""
