"""Webhooks that no endpoint should take, one row each. All but those about the signature are signed as they ought."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from payflows.stripe.webhooks.response import ResponseCode
from tests.stripe_json import charge, refund
from tests.webhook_posts import (
    NOW,
    OTHER_SECRET,
    SECRET,
    body_of,
    event,
    headers_with,
    payment_intent,
    seconds_from_now,
    signed,
    without,
)


class Malformed(NamedTuple):
    """What comes, and the one word that answers it."""

    code: ResponseCode
    name: str
    raw_body: bytes
    headers: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.code}: {self.name}"


GOOD = body_of(event())
SENT_AT = int(NOW.timestamp())
RIGHT = SECRET.signature(SENT_AT, GOOD)


def rows(code: ResponseCode, bodies: Mapping[str, bytes]) -> list[Malformed]:
    return [Malformed(code, name, raw_body, signed(raw_body)) for name, raw_body in bodies.items()]


def events(code: ResponseCode, contents: Mapping[str, object]) -> list[Malformed]:
    return rows(code, {name: body_of(each) for name, each in contents.items()})


def headers(code: ResponseCode, values: Mapping[str, str]) -> list[Malformed]:
    return [Malformed(code, name, GOOD, headers_with(value)) for name, value in values.items()]


def spliced(old: str, new: str) -> bytes:
    """A good body with one piece of its text replaced."""
    text = json.dumps(event())
    assert text.count(old) >= 1
    return text.replace(old, new, 1).encode()


def nested(levels: int) -> bytes:
    """An event whose object goes so deep: the outermost object is the first level."""
    lists = levels - 3
    return spliced('"amount_details": {"tip": {}}', f'"amount_details": {"[" * lists}{"]" * lists}')


SIGNATURES = [
    *rows(ResponseCode.TOO_LARGE, {"a byte too much": GOOD.ljust(262_145), "twenty megabytes": b" " * 20_000_000}),
    Malformed(ResponseCode.NO_SIGNATURE, "no headers", GOOD, {}),
    Malformed(ResponseCode.NO_SIGNATURE, "other headers", GOOD, {"Content-Type": "application/json"}),
    Malformed(
        ResponseCode.MALFORMED_SIGNATURE,
        "the header twice, in two spellings",
        GOOD,
        signed(GOOD) | {"stripe-signature": f"t={SENT_AT},v1={RIGHT}"},
    ),
    *headers(
        ResponseCode.MALFORMED_SIGNATURE,
        {
            "empty": "",
            "nonsense": "nonsense",
            "no time": f"v1={RIGHT}",
            "no signature": f"t={SENT_AT}",
            "two times": f"t={SENT_AT},t={SENT_AT},v1={RIGHT}",
            "only the scheme for tests": f"t={SENT_AT},v0={RIGHT}",
            "a scheme to come": f"t={SENT_AT},v2={RIGHT}",
            "time in words": f"t=now,v1={RIGHT}",
            "time with a sign": f"t=+{SENT_AT},v1={RIGHT}",
            "time before 1970": f"t=-{SENT_AT},v1={RIGHT}",
            "time with spaces": f"t= {SENT_AT} ,v1={RIGHT}",
            "time with an underscore": f"t={SENT_AT // 1000}_000,v1={RIGHT}",
            "time with a leading zero": f"t=0{SENT_AT},v1={RIGHT}",
            "time in Arabic digits": f"t=١٧٩٥١٧٦٠٠٠,v1={RIGHT}",
            "time of a thousand digits": f"t={'9' * 1_000},v1={RIGHT}",
            "half a time": f"t={SENT_AT}.5,v1={RIGHT}",
            "too long": f"t={SENT_AT},v1={RIGHT}," + "v1=0," * 1_000,
        },
    ),
    *headers(
        ResponseCode.WRONG_SIGNATURE,
        {
            "made up": f"t={SENT_AT},v1={'0' * 64}",
            "empty": f"t={SENT_AT},v1=",
            "cut off": f"t={SENT_AT},v1={RIGHT[:-1]}",
            "not ASCII": f"t={SENT_AT},v1={RIGHT[:-1]}é",
            "another second": f"t={SENT_AT + 1},v1={RIGHT}",
            "right, but in the scheme for tests": f"t={SENT_AT},v0={RIGHT},v1={'0' * 64}",
        },
    ),
    Malformed(ResponseCode.WRONG_SIGNATURE, "of another account", GOOD, signed(GOOD, by=OTHER_SECRET)),
    Malformed(ResponseCode.WRONG_SIGNATURE, "a space more", GOOD + b" ", signed(GOOD)),
    Malformed(ResponseCode.WRONG_SIGNATURE, "of nothing", b"", signed(GOOD)),
    Malformed(ResponseCode.TOO_OLD, "301 s old", GOOD, signed(GOOD, at=seconds_from_now(-301))),
    Malformed(ResponseCode.TOO_OLD, "of last year", GOOD, signed(GOOD, at=seconds_from_now(-365 * 86_400))),
    Malformed(ResponseCode.FROM_THE_FUTURE, "301 s ahead", GOOD, signed(GOOD, at=seconds_from_now(301))),
    Malformed(ResponseCode.FROM_THE_FUTURE, "of next year", GOOD, signed(GOOD, at=seconds_from_now(365 * 86_400))),
]

TEXTS = [
    *rows(
        ResponseCode.NOT_UTF8,
        {
            "Latin-1": spliced("manual", "é").decode().encode("latin-1"),
            "UTF-16": json.dumps(event()).encode("utf-16"),
            "half a character": GOOD + b"\xc3",
            "a surrogate in UTF-8": GOOD + b"\xed\xa0\x80",
        },
    ),
    *rows(
        ResponseCode.NOT_JSON,
        {
            "nothing": b"",
            "spaces": b"  ",
            "cut off": GOOD[:-1],
            "something after it": GOOD + b"{}",
            "a byte order mark": b"\xef\xbb\xbf" + GOOD,
            "a comma too many": GOOD[:-2] + b",}",
            "single quotes": GOOD.replace(b'"', b"'"),
            "a form": b"id=evt_1&type=payment_intent.succeeded",
            "NaN": spliced("1234567", "NaN"),
            "Infinity": spliced("1234567", "Infinity"),
            "-Infinity": spliced("1234567", "-Infinity"),
            "a line break in a text": spliced("manual", "man\nual"),
            "a null byte in a text": spliced("manual", "man\x00ual"),
        },
    ),
    *rows(
        ResponseCode.KEY_TWICE,
        {
            "two ids": spliced('"id": "evt_', '"id": "evt_other", "id": "evt_'),
            "the same id twice": spliced('"id": "pi_', '"id": "pi_1", "id": "pi_'),
            "two livemodes, spelt in two ways": spliced('"type":', '"\\u006civemode": true, "type":'),
        },
    ),
    *rows(
        ResponseCode.NUMBER_OUT_OF_RANGE,
        {
            "more than a float holds": spliced("1234567", "1e400"),
            "less than a float holds": spliced("1234567", "-1e400"),
            "more digits than Python reads": spliced("1234567", "9" * 5_000),
        },
    ),
    *rows(
        ResponseCode.TOO_DEEP,
        {
            "a level too deep": nested(65),
            "two hundred levels": nested(200),
            "as deep as a body can be": b"[" * 262_144,
            "a hundred thousand levels": b'{"a":' * 40_000,
        },
    ),
]

EVENTS = [
    *events(
        ResponseCode.NOT_AN_EVENT,
        {
            "a list": [event()],
            "a text": "event",
            "a number": 1,
            "null": None,
            "empty": {},
            "a payment": payment_intent(),
            "an event of the new kind": event(object="v2.core.event"),
            "an object that is an object": event(object={}),
            "no kind": without("object"),
        },
    ),
    *events(
        ResponseCode.BAD_ID,
        {
            "none": without("id"),
            "null": event(id=None),
            "a number": event(id=1),
            "the prefix": event(id="evt_"),
            "another's": event(id="pi_1"),
            "with a path": event(id="evt_../../etc/passwd"),
            "with a line break": event(id="evt_1\n"),
            "with a quote": event(id="evt_1';--"),
            "not ASCII": event(id="evt_é"),
            "with a surrogate": event(id="evt_\ud800"),
            "too long": event(id="evt_" + "a" * 251),
        },
    ),
    *events(
        ResponseCode.BAD_TYPE,
        {
            "none": without("type"),
            "null": event(None),
            "a list": event(["payment_intent.succeeded"]),
            "empty": event(""),
            "everything": event("*"),
            "no dot": event("payment"),
            "capitals": event("Payment_Intent.Succeeded"),
            "a mail address": event("canary@example.com"),
            "too long": event("a." + "b" * 61),
        },
    ),
    *events(
        ResponseCode.BAD_CREATED,
        {
            "none": without("created"),
            "text": event(created="1795176000"),
            "half a second": event(created=1795176000.5),
            "a truth": event(created=True),
            "before 1970": event(created=-1),
            "after Python's last year": event(created=253_402_300_800),
            "four thousand digits": event(created=10**4_000),
        },
    ),
    *events(
        ResponseCode.BAD_LIVEMODE,
        {"none": without("livemode"), "a text": event(livemode="false"), "a number": event(livemode=0)},
    ),
    *events(ResponseCode.BAD_ACCOUNT, {"a number": event(account=1), "with a space": event(account="acct_1 OR 1=1")}),
    *events(
        ResponseCode.BAD_OBJECT,
        {
            "no data": without("data"),
            "data in a list": event(data=[payment_intent()]),
            "no object": event(data={}),
            "the object's id alone": event(about="pi_1"),
            "a list of objects": event(about=[payment_intent()]),
            "no id": event(about={"object": "payment_intent"}),
            "an id that is a number": event(about=payment_intent(id=1)),
            "an id with a path": event(about=payment_intent(id="pi_1/../pi_2")),
            "an empty id": event(about=payment_intent(id="")),
            "an id that is too long": event(about=payment_intent(id="pi_" + "a" * 253)),
            "another kind of object": event(about=charge()),
            "an object of no kind": event(about={"id": "pi_1"}),
            "a payment that is a number": event("refund.updated", refund(payment_intent=1)),
            "a payment in full": event("charge.refunded", charge(payment_intent=payment_intent())),
        },
    ),
]

MALFORMED = [*SIGNATURES, *TEXTS, *EVENTS]
