"""Every mutant: what it is, and which defect of the audit it stands for. What kills it is in `killers.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tests.mutants import elsewhere, goods, keys, money, records, refunds, telling
from tests.mutants.shop import Variant


class Mutant(NamedTuple):
    """A mutant.

    Attributes:
        what: what it does wrong, in one sentence.
        defect: the audit's number, or the rule that it breaks.
        factory: our checkout with the bug in it.
    """

    what: str
    defect: str
    factory: Variant


MUTANTS: Mapping[str, Mutant] = {
    "silence is a decline": Mutant(
        "a time-out at the confirmation fails the order", "E4", Variant(payment=money.SilenceIsADecline)
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
    "never renews": Mutant(
        "the hold is not renewed while the payment is open", "E8", Variant(context=goods.NeverRenews)
    ),
    "never commits": Mutant("the hold is never committed", "E20", Variant(context=goods.NeverCommits)),
    "commit will have worked": Mutant(
        "goods are shipped though their hold had expired", "E8", Variant(context=goods.CommitWillHaveWorked)
    ),
    "releases another id": Mutant(
        "the hold is released under another id than it was made", "E10", Variant(context=goods.ReleasesAnotherId)
    ),
    "releases once at best": Mutant(
        "a release that did not work is not made again", "E23", Variant(context=goods.ReleasesOnceAtBest)
    ),
    "shipped before the stock is gone": Mutant(
        "*shipped* is stored before the goods are taken off the shelf",
        "status before the effect",
        Variant(goods=goods.ShippedBeforeTheStockIsGone),
    ),
    "carrier's trouble cancels": Mutant(
        "trouble with the carrier cancels a paid order, and nothing is refunded",
        "E2",
        Variant(goods=goods.CarriersTroubleCancels),
    ),
    "a new parcel each try": Mutant(
        "after silence another parcel is booked, under another id", "E31", Variant(ports=goods.a_new_parcel_each_try)
    ),
    "refunds before it calls off": Mutant(
        "the money goes back before the parcel is called off", "I2", Variant(goods=goods.RefundsBeforeItCallsOff)
    ),
    "leaves strays": Mutant("payments left over are not cancelled", "I15", Variant(goods=goods.LeavesOrphans)),
    "looks for strays too soon": Mutant(
        "payments left over are looked for while search is behind", "I15", Variant(goods=goods.LooksForOrphansTooSoon)
    ),
    "stray cancel will have worked": Mutant(
        "a payment left over is not read after its cancellation",
        "section 4",
        Variant(orphans=goods.OrphanCancelWillHaveWorked),
    ),
    "no answer means no strays": Mutant(
        "where search does not answer, nothing is thought to be left over",
        "section 4",
        Variant(orphans=goods.NoAnswerMeansNoOrphans),
    ),
    "refunds again to be safe": Mutant(
        "after silence the refund is made again under another key",
        "section 4",
        Variant(refunds=refunds.RefundsAgainToBeSafe),
    ),
    "refund will have worked": Mutant(
        "no answer to the refund is taken for a yes", "section 4", Variant(refunds=refunds.RefundWillHaveWorked)
    ),
    "last writer wins": Mutant("a late writer undoes a newer state", "E27", Variant(ports=records.last_writer_wins)),
    "compares the status": Mutant(
        "a late writer undoes a newer state, where the status is still the same",
        "E27",
        Variant(ports=records.compares_the_status),
    ),
    "knows its own writes": Mutant(
        "a late writer undoes what another process has stored", "E27", Variant(ports=records.knows_its_own_writes)
    ),
    "knows its own writes and the status": Mutant(
        "a late writer undoes what another process has stored, where the status is still the same",
        "E27",
        Variant(ports=records.knows_its_own_writes_and_the_status),
    ),
    "no lease": Mutant("an order that a crash left half-way is never resumed", "E22", Variant(orders=records.NoLease)),
    "waits without a timer": Mutant(
        "an order that waited without success is not read again", "E22", Variant(orders=records.WaitsWithoutATimer)
    ),
    "locks without a lease": Mutant(
        "a crash of the worker locks its order for ever", "E22", Variant(timers=records.LocksWithoutALease)
    ),
    "marks before it carries": Mutant(
        "a message is marked delivered before it is", "B7", Variant(outbox=telling.MarksBeforeItCarries)
    ),
    "marks though it failed": Mutant(
        "a message that could not be delivered is marked so", "B4", Variant(outbox=telling.MarksThoughItFailed)
    ),
    "gives up a message": Mutant(
        "a message is given up when it fails for the second time", "B4", Variant(outbox=telling.GivesUpAMessage)
    ),
    "handled though it failed": Mutant(
        "a handler that fails is not called again", "B4", Variant(bus=telling.BusThatDropsFailures)
    ),
    "handled though it failed twice": Mutant(
        "a handler that fails twice is not called again", "B4", Variant(bus=telling.BusThatTriesTwice)
    ),
    "effect apart": Mutant(
        "what a handler writes is stored before that it was called", "B2, B5", Variant(bus=telling.BusWithEffectsApart)
    ),
    "gives up at the first trouble": Mutant(
        "the worker leaves a task alone once its port was in trouble",
        "X1",
        Variant(worker=telling.GivesUpAtTheFirstTrouble),
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
    "ships unread": Mutant("the payment is not read before shipping", "I2", Variant(goods=goods.ShipsUnread)),
    "a label is a shipment": Mutant(
        "a parcel that is only booked is taken for shipped", "E21", Variant(ports=goods.a_label_is_a_shipment)
    ),
    "leaves the parcel": Mutant(
        "an order is cancelled and its parcel not called off", "I12", Variant(goods=goods.LeavesTheParcel)
    ),
    "mails first": Mutant("the mail is sent before the change is stored", "E30", Variant(ports=records.mails_first)),
    "mails apart": Mutant(
        "the mail is sent after the change is stored, and noted nowhere", "B11", Variant(ports=records.mails_apart)
    ),
    "waits for hours": Mutant(
        "an unknown outcome is looked at again only hours later", "I28", Variant(orders=records.WaitsForHours)
    ),
    "drops the refund": Mutant(
        "a refund that was promised and twice could not be made is forgotten",
        "I16",
        Variant(orders=records.DropsTheRefund),
    ),
    "drops the cancel": Mutant(
        "an order whose second wait brought nothing forgets that it was to be cancelled",
        "I16",
        Variant(orders=records.DropsTheCancel),
    ),
    "refunds next month": Mutant(
        "a shipped order's refund that could not be made is tried again only a month later",
        "I28",
        Variant(orders=records.RefundsNextMonth),
    ),
    "others are not seen": Mutant(
        "what others do with the money of a sold order is not read",
        "I15",
        Variant(refunds=refunds.OthersAreNotSeen),
    ),
    "tells of statuses alone": Mutant(
        "the business hears nothing of declines, refunds, disputes and reviews",
        "I24",
        Variant(ports=telling.announces_statuses_alone),
    ),
    "tells it twice": Mutant(
        "the business hears twice of declines, refunds, disputes and reviews",
        "I24",
        Variant(ports=telling.announces_it_twice),
    ),
    "loses events that fail": Mutant(
        "a business event is marked delivered before its handlers have it",
        "B4",
        Variant(outbox=telling.LosesEvents),
    ),
    "off the shelf first": Mutant(
        "goods are taken off the shelf before the carrier is there",
        "E21",
        Variant(goods=goods.TakesThemOffTheShelfFirst),
    ),
    "refund failure is not seen": Mutant(
        "a refund is not read once it has succeeded", "I15", Variant(refunds=refunds.RefundFailureIsNotSeen)
    ),
    "rounds up": Mutant("whole dollars are asked for", "E14", Variant(ports=money.rounds_up)),
    "an order for each press": Mutant(
        "the button pressed once more makes another order", "E6", Variant(ports=records.an_order_for_each_press)
    ),
    "says nothing of an end": Mutant(
        "a cancelled order's customer gets no mail", "I27", Variant(ports=records.cancels_in_silence)
    ),
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
}
