"""What a store promises of aggregates, timers and entries, one check for each promise."""

from __future__ import annotations

from collections.abc import Awaitable

from payflows.errors import AlreadyExists, NotFound, VersionConflict
from payflows.kernel.aggregate import Transition
from payflows.kernel.changes import Append, Insert, Replace
from payflows.kernel.evolve import evolve
from payflows.kernel.messages import BusinessEvent, Mail
from payflows.kernel.queue_item import HandlerRecord
from payflows.kernel.store import Store
from payflows.testing.store_reads import HANDLER, everything_in, outbox_of, raises
from payflows.testing.store_sample import (
    BOOKINGS,
    MINUTE,
    PARCELS,
    START,
    ParcelStatus,
    Unbalanced,
    a_parcel,
    bookings,
    fetched,
    fetching,
    renewed,
)

# Aggregates


async def adding_twice_is_adding_once(store: Store) -> None:
    """The same id again returns what is stored, whatever it holds."""
    parcel = await store.add(PARCELS, a_parcel())
    again = await store.add(PARCELS, evolve(a_parcel(), owner="bob"))
    assert again == parcel == await store.get(PARCELS, parcel.id)
    assert len(await outbox_of(store)) == 2, "the second one announces nothing"


async def what_is_unknown_is_not_found(store: Store) -> None:
    """Of nothing an empty one is made up."""
    lookups: tuple[Awaitable[object], ...] = (
        store.get(PARCELS, "par_9"),
        store.find(PARCELS, "code_9"),
        store.entry(BOOKINGS, "9.0"),
        store.item(HANDLER, "nothing"),
    )
    for lookup in lookups:
        await raises(NotFound, lookup)
    assert await store.record("points") == HandlerRecord("points")
    assert await store.due_at(PARCELS) is None
    assert await store.next_item(HANDLER) is None


async def a_change_brings_its_log_row_and_its_messages(store: Store) -> None:
    """Version, log and outbox are written in one step."""
    parcel = await store.add(PARCELS, a_parcel())
    await store.change(fetching(parcel))
    assert await store.get(PARCELS, parcel.id) == fetched(parcel)
    assert await store.log(PARCELS, parcel.id) == (
        Transition(parcel.id, 1, None, ParcelStatus.STORED, START),
        Transition(parcel.id, 2, ParcelStatus.STORED, ParcelStatus.FETCHED, START + MINUTE),
    )
    contents = [item.content for item in await outbox_of(store)]
    assert [type(content) for content in contents] == [BusinessEvent, Mail] * 2
    assert [content.subject for content in contents if isinstance(content, Mail)] == [parcel.id] * 2


async def a_change_that_leaves_the_status_is_not_logged(store: Store) -> None:
    """The log has the statuses, and nothing else."""
    parcel = await store.add(PARCELS, a_parcel())
    await store.change(Replace(PARCELS, parcel, renewed(parcel, 90)))
    assert [row.version for row in await store.log(PARCELS, parcel.id)] == [1]
    assert (await store.get(PARCELS, parcel.id)).version == 2


async def who_read_an_older_version_changes_nothing(store: Store) -> None:
    """Compare-and-set: the second of two writers is refused, and reads again."""
    parcel = await store.add(PARCELS, a_parcel())
    await store.change(Replace(PARCELS, parcel, renewed(parcel, 90)))
    before = await everything_in(store)
    await raises(VersionConflict, store.change(fetching(parcel)))
    assert await everything_in(store) == before


async def an_illegal_transition_is_refused(store: Store) -> None:
    """A mistake of the flow's, and not an operating error."""
    parcel = await store.add(PARCELS, a_parcel())
    await store.change(fetching(parcel))
    back = evolve(fetched(parcel), status=ParcelStatus.STORED, version=3)
    await raises(AssertionError, store.change(Replace(PARCELS, fetched(parcel), back)))
    assert (await store.get(PARCELS, parcel.id)).status is ParcelStatus.FETCHED


async def it_is_found_by_its_reference(store: Store) -> None:
    """Also when it has been changed since."""
    parcel = await store.add(PARCELS, a_parcel())
    await store.change(fetching(parcel))
    assert await store.find(PARCELS, "code_1") == fetched(parcel)


async def a_reference_has_one_owner(store: Store) -> None:
    """Another one with the same is refused, and nothing of it is stored."""
    await store.add(PARCELS, a_parcel(1))
    double = evolve(a_parcel(2), code="code_1")
    await raises(AlreadyExists, store.change(Insert(PARCELS, double)))
    await raises(NotFound, store.get(PARCELS, double.id))
    other = await store.add(PARCELS, a_parcel(3))
    taken = evolve(renewed(other, 90), code="code_1")
    await raises(AlreadyExists, store.change(Replace(PARCELS, other, taken)))
    assert await store.get(PARCELS, other.id) == other


async def a_claim_is_held_as_long_as_the_stored_version_names_it(store: Store) -> None:
    """One parcel in a locker; the next one once it is fetched."""
    first = await store.add(PARCELS, a_parcel(1))
    second = evolve(a_parcel(2), locker="L1")
    await raises(AlreadyExists, store.change(Insert(PARCELS, second)))
    await store.change(fetching(first))
    await store.change(Insert(PARCELS, second))
    assert await store.get(PARCELS, second.id) == second


async def a_claim_passes_on_within_one_step(store: Store) -> None:
    """It is given back before it is taken."""
    first = await store.add(PARCELS, a_parcel(1))
    second = evolve(a_parcel(2), locker="L1")
    await store.change(fetching(first), Insert(PARCELS, second))
    assert await store.get(PARCELS, second.id) == second


async def what_is_wanted_twice_in_one_step_is_refused(store: Store) -> None:
    """One locker, and two parcels in it."""
    second = evolve(a_parcel(2), locker="L1")
    await raises(AlreadyExists, store.change(Insert(PARCELS, a_parcel(1)), Insert(PARCELS, second)))
    assert await store.find_all(PARCELS, "owner:ada") == ()


async def a_known_id_is_not_inserted(store: Store) -> None:
    """Unlike `add`, an insert says so."""
    parcel = await store.add(PARCELS, a_parcel())
    await raises(AlreadyExists, store.change(Insert(PARCELS, parcel)))


async def a_group_is_read_page_by_page_the_oldest_first(store: Store) -> None:
    """And follows what its members say."""
    parcels = [await store.add(PARCELS, a_parcel(number)) for number in (3, 1, 2)]
    await store.add(PARCELS, a_parcel(4, owner="bob"))
    first = await store.find_all(PARCELS, "owner:ada", limit=2)
    rest = await store.find_all(PARCELS, "owner:ada", after=first[-1].id, limit=2)
    assert [parcel.id for parcel in (*first, *rest)] == [parcel.id for parcel in parcels]
    given = evolve(renewed(parcels[0], 90), owner="bob")
    await store.change(Replace(PARCELS, parcels[0], given))
    assert [parcel.id for parcel in await store.find_all(PARCELS, "owner:ada")] == ["par_1", "par_2"]
    assert {parcel.id for parcel in await store.find_all(PARCELS, "owner:bob")} == {"par_3", "par_4"}
    assert await store.find_all(PARCELS, "owner:eve") == ()


# Timers


async def those_due_the_longest_come_first(store: Store) -> None:
    """As many as are asked for, and no other."""
    for number, minutes in ((1, 30), (2, 10), (3, 20), (4, 90)):
        await store.add(PARCELS, a_parcel(number, minutes=minutes))
    assert await store.due_at(PARCELS) == START + 10 * MINUTE
    assert await store.due(PARCELS, START + 9 * MINUTE, 10) == ()
    assert await store.due(PARCELS, START + 30 * MINUTE, 10) == ("par_2", "par_3", "par_1")
    assert await store.due(PARCELS, START + 30 * MINUTE, 2) == ("par_2", "par_3")
    assert await store.due(PARCELS, START + 30 * MINUTE, 2) == ("par_2", "par_3"), "asking takes nothing away"


async def a_timer_follows_its_aggregate(store: Store) -> None:
    """Later, earlier, and never again; a back-off and a lease come before its business times."""
    parcel = await store.add(PARCELS, a_parcel())
    later = renewed(parcel, 90)
    await store.change(Replace(PARCELS, parcel, later))
    assert await store.due(PARCELS, START + 60 * MINUTE, 10) == ()
    backed_off = evolve(later, version=3, back_off_until=START + MINUTE)
    await store.change(Replace(PARCELS, later, backed_off))
    assert await store.due_at(PARCELS) == START + MINUTE
    await store.change(Replace(PARCELS, backed_off, evolve(fetched(backed_off), back_off_until=None)))
    assert await store.due_at(PARCELS) is None


# Entries


async def entries_are_appended_together_or_not_at_all(store: Store) -> None:
    """A check runs inside the step: a ledger's bookings sum to zero."""
    parcel = await store.add(PARCELS, a_parcel())
    await raises(Unbalanced, store.change(fetching(parcel), Append(BOOKINGS, bookings(1, 250, -200))))
    assert await store.get(PARCELS, parcel.id) == parcel
    await store.change(fetching(parcel), Append(BOOKINGS, bookings(1, 250, -250)))
    assert [booking.amount_minor for booking in await store.entries(BOOKINGS, "locker fees")] == [250, -250]
    assert await store.entry(BOOKINGS, "1.1") == bookings(1, 250, -250)[1]


async def an_entry_is_written_once(store: Store) -> None:
    """A known key fails the whole step."""
    await store.change(Append(BOOKINGS, bookings(1, 250, -250)))
    parcel = await store.add(PARCELS, a_parcel())
    await raises(AlreadyExists, store.change(fetching(parcel), Append(BOOKINGS, bookings(1, 1, -1))))
    assert await store.get(PARCELS, parcel.id) == parcel


async def entries_are_read_page_by_page_the_oldest_first(store: Store) -> None:
    """For each owner apart."""
    await store.change(Append(BOOKINGS, bookings(2, 5, -5)))
    await store.change(Append(BOOKINGS, bookings(1, 7, -7)))
    first = await store.entries(BOOKINGS, "locker fees", limit=3)
    rest = await store.entries(BOOKINGS, "locker fees", after=first[-1].key, limit=3)
    assert [entry.key for entry in (*first, *rest)] == ["2.0", "2.1", "1.0", "1.1"]
    assert await store.entries(BOOKINGS, "nobody's") == ()


CHECKS_OF_AGGREGATES = (
    adding_twice_is_adding_once,
    what_is_unknown_is_not_found,
    a_change_brings_its_log_row_and_its_messages,
    a_change_that_leaves_the_status_is_not_logged,
    who_read_an_older_version_changes_nothing,
    an_illegal_transition_is_refused,
    it_is_found_by_its_reference,
    a_reference_has_one_owner,
    a_claim_is_held_as_long_as_the_stored_version_names_it,
    a_claim_passes_on_within_one_step,
    what_is_wanted_twice_in_one_step_is_refused,
    a_known_id_is_not_inserted,
    a_group_is_read_page_by_page_the_oldest_first,
    those_due_the_longest_come_first,
    a_timer_follows_its_aggregate,
    entries_are_appended_together_or_not_at_all,
    an_entry_is_written_once,
    entries_are_read_page_by_page_the_oldest_first,
)
