"""Mutants about goods, records, messages and ports."""

from __future__ import annotations

from collections.abc import Mapping

from tests.mutants import edges, goods, purchases, records, telling
from tests.mutants.mutant import Mutant
from tests.mutants.shop import Variant

OF_GOODS: Mapping[str, Mutant] = {
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
    "an order for each press": Mutant(
        "the button pressed once more makes another order", "E6", Variant(ports=records.an_order_for_each_press)
    ),
    "says nothing of an end": Mutant(
        "a cancelled order's customer gets no mail", "I27", Variant(ports=records.cancels_in_silence)
    ),
    "trusts the store": Mutant("what a store raises ends the worker", "X1", Variant(guard=edges.trusting)),
    "trusts ports": Mutant("what a port raises ends the worker", "X1", Variant(calls=edges.TrustingCalls)),
    "stays under way": Mutant(
        "a task that was cancelled counts as under way for ever", "E25", Variant(worker=edges.StaysUnderWay)
    ),
    "trusts its clock": Mutant(
        "webhooks of a clock that is minutes ahead of ours are refused",
        "B1",
        Variant(webhooks=edges.IMPATIENT_WITH_CLOCKS),
    ),
    "holds the first": Mutant(
        "of several products only the first is held", "E33", Variant(ports=purchases.holds_the_first)
    ),
    "books the first": Mutant(
        "of several products only the first is shipped", "I12", Variant(ports=purchases.books_the_first)
    ),
    "empty parcels": Mutant("nothing is in the parcels", "I12", Variant(ports=purchases.empty_parcels)),
    "address of the first": Mutant(
        "all parcels go to the address of the first", "I12", Variant(ports=purchases.address_of_the_first)
    ),
    "number of the first": Mutant(
        "all customers are given the tracking number of the first", "I12", Variant(ports=purchases.number_of_the_first)
    ),
    "mails the first": Mutant(
        "all mails go to the customer of the first", "I27", Variant(ports=purchases.mails_the_first)
    ),
    "a refusal is a booking": Mutant(
        "a carrier that refuses is waited for", "E2", Variant(ports=purchases.a_refusal_is_a_booking)
    ),
    "silence of the carrier is a refusal": Mutant(
        "an order is given up, and its money given back, after one time-out of the carrier",
        "section 4",
        Variant(goods=purchases.SilenceOfTheCarrierIsARefusal),
    ),
    "looks for strays once": Mutant(
        "payments left over are looked for once, though a search may miss some",
        "I15",
        Variant(goods=goods.LooksForOrphansOnce),
    ),
    "keeps the review": Mutant(
        "an order that goes on stays with a person", "I14", Variant(orders=records.KeepsTheReview)
    ),
    "keeps the review at rest": Mutant(
        "an order that is seen to be well stays with a person", "I14", Variant(orders=records.KeepsTheReviewAtRest)
    ),
}
