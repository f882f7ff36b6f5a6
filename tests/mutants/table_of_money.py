"""Mutants about money: how it is collected, given back, and read."""

from __future__ import annotations

from collections.abc import Mapping

from tests.mutants import elsewhere, goods, keys, money, refunds
from tests.mutants.mutant import Mutant
from tests.mutants.shop import Variant

OF_MONEY: Mapping[str, Mutant] = {
    "silence is a decline": Mutant(
        "a time-out at the confirmation fails the order", "E4", Variant(payment=money.SilenceIsADecline)
    ),
    "takes any payment for its own": Mutant(
        "what is read of another order's payment counts as this one's",
        "I1",
        Variant(collection=money.TakesAnyPaymentForItsOwn),
    ),
    "a refused key refuses the order": Mutant(
        "that our key was revoked fails the order, and its customer is mailed",
        "I16",
        Variant(ports=money.a_refused_key_refuses_the_order),
    ),
    "another payment to be safe": Mutant(
        "after silence a second payment is made and confirmed", "E5", Variant(collection=money.AnotherPaymentToBeSafe)
    ),
    "confirms what is not stored": Mutant(
        "the card is charged before the payment's id is stored",
        "E18, E19",
        Variant(collection=money.ConfirmsWhatIsNotStored),
    ),
    "doubt is not noted": Mutant(
        "a lost answer to the creation is asked for again, and not stored",
        "write before the effect",
        Variant(collection=money.DoubtIsNotNoted),
    ),
    "forgets a doubtful payment": Mutant(
        "an order that is given up before its payment's id is stored is thought to have none",
        "I15",
        Variant(payment=money.ForgetsADoubtfulPayment),
    ),
    "refused cancel is a cancel": Mutant(
        "the order fails though the cancellation was refused, because the payment had succeeded",
        "section 4",
        Variant(payment=money.RefusedCancelIsACancel),
    ),
    "silent cancel is a cancel": Mutant(
        "no answer to the cancellation is taken for a yes", "section 4", Variant(payment=money.SilentCancelIsACancel)
    ),
    "refused capture is the end": Mutant(
        "a refused capture fails the order, and the payment is not read",
        "section 4",
        Variant(payment=money.RefusedCaptureIsTheEnd),
    ),
    "authorised is paid": Mutant(
        "`requires_capture` is taken for paid, and shipped",
        "E29",
        Variant(payment=money.AuthorisedIsPaid, goods=goods.ShipsUnread),
    ),
    "processing is paid": Mutant(
        "`processing` is taken for paid, and shipped",
        "E29",
        Variant(payment=money.ProcessingIsPaid, goods=goods.ShipsUnread),
    ),
    "capture will have worked": Mutant(
        "no answer to the capture is taken for a yes, and shipped",
        "E29",
        Variant(payment=money.CaptureWillHaveWorked, goods=goods.ShipsUncaptured),
    ),
    "ships before the capture": Mutant(
        "the parcel is booked before the money is taken", "E28", Variant(payment=money.ShipsBeforeTheCapture)
    ),
    "no deadline": Mutant("an unpaid order is never given up", "E1", Variant(context=money.NoDeadline)),
    "busy is a refusal": Mutant(
        "a 409 of a running call is taken for a no", "section 4", Variant(ports=money.busy_is_a_refusal)
    ),
    "counted keys": Mutant(
        "keys are counted in the process, and begin again after a crash", "E5", Variant(ports=keys.counted_keys)
    ),
    "refunds again to be safe": Mutant(
        "after silence the refund is made again under another key",
        "section 4",
        Variant(refunds=refunds.RefundsAgainToBeSafe),
    ),
    "refund will have worked": Mutant(
        "no answer to the refund is taken for a yes", "section 4", Variant(refunds=refunds.RefundWillHaveWorked)
    ),
    "stock goes first": Mutant(
        "the stock is released before the payment is cancelled", "E4", Variant(payment=money.StockGoesFirst)
    ),
    "captures before the stock is sure": Mutant(
        "the money is taken before the stock is committed",
        "E8, E28",
        Variant(payment=money.CapturesBeforeTheStockIsSure),
    ),
    "old decline is this one's": Mutant(
        "a second card is turned down by the first one's decline",
        "stale last_payment_error",
        Variant(payment=money.OldDeclineIsThisOnes),
    ),
    "old decline settles a doubt": Mutant(
        "after silence an old decline is taken for this try's",
        "stale last_payment_error",
        Variant(collection=money.OldDeclineSettlesADoubt),
    ),
    "one key": Mutant("all calls of an order have one key", "E5", Variant(ports=keys.one_key)),
    "one key per kind of call": Mutant(
        "the key of a confirmation does not say which try it is", "E5", Variant(ports=keys.one_key_per_kind_of_call)
    ),
    "one key per step": Mutant(
        "a step that was seen undone is asked again under its old key", "E5", Variant(ports=keys.one_key_per_step)
    ),
    "others are not seen": Mutant(
        "what others do with the money of a sold order is not read",
        "I15",
        Variant(refunds=refunds.OthersAreNotSeen),
    ),
    "refund failure is not seen": Mutant(
        "a refund is not read once it has succeeded", "I15", Variant(refunds=refunds.RefundFailureIsNotSeen)
    ),
    "settled is refunded again": Mutant(
        "what was given back another way is refunded too, once it can be",
        "I14",
        Variant(refunds=refunds.SettledIsRefundedAgain),
    ),
    "settled is not read again": Mutant(
        "news of money that could not be read are lost with a note that it was given back another way",
        "I15",
        Variant(orders=refunds.SettledIsNotReadAgain),
    ),
    "rounds up": Mutant("whole dollars are asked for", "E14", Variant(ports=money.rounds_up)),
    "a part returned is all": Mutant(
        "a part that others gave back ends the order", "I1", Variant(goods=elsewhere.APartReturnedIsAllOfIt)
    ),
    "a part captured is paid": Mutant("a part is taken for paid", "I2", Variant(payment=elsewhere.APartCapturedIsPaid)),
    "a part captured is kept": Mutant(
        "a part captured by hand is never given back", "I14", Variant(payment=elsewhere.APartCapturedIsKept)
    ),
    "only refunds go back": Mutant(
        "money lost in a dispute is still to be refunded", "I14", Variant(refunds=elsewhere.OnlyRefundsGoBack)
    ),
    "once disputed always disputed": Mutant(
        "a dispute has no end", "I15", Variant(refunds=elsewhere.OnceDisputedAlwaysDisputed)
    ),
    "a loss is for good": Mutant("a late win is not seen", "I15", Variant(refunds=elsewhere.ALossIsForGood)),
    "a part lost is all": Mutant(
        "what is lost in part counts as lost", "I15", Variant(refunds=elsewhere.APartLostIsAllOfIt)
    ),
    "waits for the bank for ever": Mutant(
        "a debit that never settles is put up for no review", "I14", Variant(payment=elsewhere.WaitsForTheBankForEver)
    ),
    "forgets news at a conflict": Mutant(
        "a notice of a blocked order is lost in a conflict", "I14", Variant(engine=elsewhere.ForgetsNewsAtAConflict)
    ),
    "never corrects a mail": Mutant(
        "who was mailed that the money is back never hears that it is not",
        "I27",
        Variant(ports=elsewhere.never_corrects_a_mail),
    ),
    "asks in euros": Mutant("the currency of the order is not sent", "E16", Variant(ports=money.asks_in_euros)),
    "keys name no order": Mutant("two orders have the same keys", "E5", Variant(ports=keys.names_no_order)),
    "one key for both ends": Mutant(
        "capture and cancel have the same key", "E5", Variant(ports=keys.one_key_for_both_ends)
    ),
    "refused creation is the end": Mutant(
        "what an earlier try may have made is not looked for once a later one was refused",
        "section 4",
        Variant(payment=money.RefusedCreationIsTheEnd),
    ),
    "refused cancel is the end": Mutant(
        "a refusal to cancel, which Stripe repeats for a day, is taken for the payment's end",
        "section 4",
        Variant(collection=money.RefusedCancelIsTheEnd),
    ),
    "one more try": Mutant("four cards are tried where three are allowed", "I16", Variant(policy=money.one_more_try)),
    "asks for one more": Mutant(
        "a customer is asked for a card that is not taken", "I16", Variant(payment=money.AsksForOneMore)
    ),
}
