"""Invented customers among whom some are entered twice, with the truth: for tests and the bench of the proposals.

Beside the planted pairs stand those who only look alike: couples who share phone and address, parents and children,
namesakes, an agency's number given by many, and a dormitory's address.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from archives.factories import sample_identity
from archives.services.taking_over import Arrival
from archives.vocabulary import CustomerKind
from estates.unit_codes import UnitCode

if TYPE_CHECKING:
    from archives.profiles import Profile

SURNAMES = "赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
TRADITIONAL = dict(zip("赵钱孙吴郑冯陈卫蒋沈韩杨许吕张严华", "趙錢孫吳鄭馮陳衛蔣瀋韓楊許呂張嚴華", strict=True))
GIVEN = "一三四五六七八九甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"
SOUNDS_LIKE = dict(zip(GIVEN, "依叁肆伍溜柒捌玖钾倚炳叮悟脊耕新仁桂紫醜银铆晨饲", strict=True))
KINDS = ("changed phone", "homophone", "swapped unit", "traditional")
WITH_ID, WITH_ID_AGAIN, MOVED, RESPELT = 0.7, 0.3, 0.1, 0.5
"""Of those entered twice with another phone, MOVED live elsewhere by now: name alone is left, and nobody can tell."""

COUPLES, FAMILIES, AGENCY, DORMITORY = 0.10, 0.05, 0.004, 0.01
ROOMS, FIRST_BUILDING, COPIES = 100, 11, 300
"""Buildings with so high a number that no entrance has it: a home with both exchanged is nobody else's."""


@dataclass(frozen=True, slots=True)
class Person:
    """What a record says of somebody; an empty string is what it does not say."""

    name: str
    phone: str
    address: str
    identity: str
    code: UnitCode

    @property
    def profile(self) -> Profile:
        told: Profile = {"name": self.name, "mobile": self.phone, "address": self.address, "identity": self.identity}
        return {item: value for item, value in told.items() if value}


@dataclass
class Crowd:
    """Records in a random order; `pairs` are the planted ones, by the rows' numbers, with their kind."""

    arrivals: list[Arrival]
    pairs: dict[frozenset[int], str]


def make_crowd(people: int, pairs: int, seed: int = 7) -> Crowd:
    """`people` customers of whom `pairs` are entered twice, a quarter of them in each of KINDS."""
    draw = random.Random(seed)  # noqa: S311  invented people
    originals = list(_people(people, draw))
    twice = draw.sample(range(people), pairs)
    kinds = [KINDS[place % len(KINDS)] for place in range(pairs)]
    copies = [
        _again(originals[at], kind, draw, people + n) for n, (at, kind) in enumerate(zip(twice, kinds, strict=True))
    ]
    records = [*originals, *copies]
    order = list(range(len(records)))
    draw.shuffle(order)
    row_of = {record: row for row, record in enumerate(order, 1)}
    arrivals = [
        Arrival(row, records[record].code, records[record].profile, CustomerKind.INDIVIDUAL, timezone.localdate())
        for row, record in enumerate(order, 1)
    ]
    truth = {
        frozenset((row_of[at], row_of[people + n])): kind for n, (at, kind) in enumerate(zip(twice, kinds, strict=True))
    }
    return Crowd(arrivals, truth)


def _people(count: int, draw: random.Random) -> Iterator[Person]:
    before: Person | None = None
    for number in range(count):
        person = Person(
            _name(draw),
            f"13{1 + number % 9}{draw.randrange(10**8):08}",
            f"示例市示例路{number}号{1 + number % 30}栋{1 + number % 3}单元{101 + number % 900}",
            sample_identity(number) if draw.random() < WITH_ID else "",
            UnitCode(
                str(FIRST_BUILDING + number // (4 * ROOMS)), str(1 + number // ROOMS % 4), f"{101 + number % ROOMS}"
            ),
        )
        person = _related(person, before, draw)
        yield person
        before = person


def _related(person: Person, before: Person | None, draw: random.Random) -> Person:
    """Somebody who shares things with others without being them."""
    chance = draw.random()
    if before and chance < COUPLES:
        return _but(person, phone=before.phone, address=before.address)
    if before and chance < COUPLES + FAMILIES:
        return _but(person, name=before.name[0] + person.name[1:], address=before.address)
    if chance < COUPLES + FAMILIES + AGENCY:
        return _but(person, phone=f"0755{draw.randrange(12):08}")
    if chance < COUPLES + FAMILIES + AGENCY + DORMITORY:
        return _but(person, address=f"示例市示例大道{draw.randrange(60)}号示例公司宿舍")
    return person


def _name(draw: random.Random) -> str:
    return draw.choice(SURNAMES) + "".join(draw.choices(GIVEN, k=draw.choice((1, 2, 2))))


def _again(person: Person, kind: str, draw: random.Random, number: int) -> Person:
    """The same person as another channel wrote him down."""
    identity = person.identity if draw.random() < WITH_ID_AGAIN else ""
    code = UnitCode(str(COPIES + number // (4 * ROOMS)), str(1 + number // ROOMS % 4), f"{101 + number % ROOMS}")
    again = _but(person, identity=identity, code=code)
    if kind == "changed phone":
        address = f"示例市新示例路{number}号" if draw.random() < MOVED else _respelt(person.address, draw)
        return _but(again, phone=f"139{draw.randrange(10**8):08}", address=address)
    if kind == "homophone":
        last = person.name[-1]
        return _but(again, name=person.name[:-1] + SOUNDS_LIKE[last], address="")
    if kind == "swapped unit":
        return _but(again, code=UnitCode(person.code.entrance, person.code.building, person.code.room))
    traditional = "".join(TRADITIONAL.get(char, char) for char in person.name)
    if draw.random() < WITH_ID:
        return _but(again, name=traditional, address="")
    return _but(again, name=traditional, phone="", address=_respelt(person.address, draw))


def _respelt(address: str, draw: random.Random) -> str:
    if draw.random() < RESPELT:
        return address
    return address.replace("栋", "幢 ").replace("单元", "-") + "室"


def _but(person: Person, **changed: object) -> Person:
    given = {name: getattr(person, name) for name in ("name", "phone", "address", "identity", "code")}
    return Person(**{**given, **changed})
