from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from fractions import Fraction

import pytest

import sortition
from sortition import protocol
from tests.sortition import make


def published(name: str, commitment: bytes = bytes(32)) -> tuple[sortition.Quotas, sortition.Pool, dict]:
    quotas, pool, size = make.reference(name)
    lottery = sortition.lottery("leximin", pool, quotas, size, tickets=1000)
    certificate = sortition.certify(pool, quotas, size, lottery.excluded)
    return quotas, pool, protocol.lottery_document(lottery, commitment, pool, quotas, certificate)


def test_the_hash_takes_each_part_after_its_length() -> None:
    expected = hashlib.sha256(bytes(7) + b"\3tag" + bytes(7) + b"\2ab" + bytes(7) + b"\1c").digest()
    assert protocol.digest("tag", b"ab", "c") == expected != protocol.digest("tag", b"a", "bc")


def test_panels_stand_in_the_order_that_the_commitment_gives() -> None:
    _, pool, document = published("sa_fixture_22", b"\7" * 32)
    ids = [[pool.people[member] for member in panel["members"]] for panel in document["panels"]]
    keys = [
        hashlib.sha256(b"\7" * 32 + json.dumps(panel, separators=(",", ":")).encode()).digest()
        for panel in ids
    ]
    assert keys == sorted(keys)
    assert published("sa_fixture_22")[2]["panels"] != document["panels"]


def test_a_published_lottery_reads_back_with_exact_chances() -> None:
    quotas, pool, document = published("sa_fixture_22")
    lottery = protocol.read_lottery(document, pool.people, "leximin")
    certificate = sortition.certify(pool, quotas, 22, ())
    assert protocol.lottery_document(lottery, bytes(32), pool, quotas, certificate) == document
    assert lottery.optimality == sortition.Optimality("1/11", "1/11", proved=True)
    assert sum(lottery.exact) == 22
    assert document["certificate"]["proved"] is True
    assert document["rounding"] >= lottery.largest_rounding_error * 1000


def test_a_gap_is_shown_and_not_called_proved() -> None:
    traits, bounds, size = make.tiny(82)
    quotas, pool = make.pool(traits, bounds)
    lottery = sortition.lottery("leximin", pool, quotas, size)
    certificate = sortition.certify(pool, quotas, size, lottery.excluded)
    shown = protocol.lottery_document(lottery, bytes(32), pool, quotas, certificate)["certificate"]
    assert Fraction("/".join(shown["minimum"])) < Fraction("/".join(shown["bound"]))
    assert shown["proved"] is False


def test_the_excluded_do_not_count_in_the_smallest_chance() -> None:
    _, _, document = published("parity_gap_2")
    assert document["excluded"]
    assert document["certificate"]["proved"] is True
    assert document["certificate"]["minimum"] != ["0", "1"]


@pytest.mark.parametrize("alternates", [0, 7, 78])
def test_alternates_are_others_within_their_scaled_quotas_as_long_as_people_last(alternates: int) -> None:
    quotas, pool, document = published("sa_fixture_22")
    lottery = protocol.read_lottery(document, pool.people, "leximin")
    choice = protocol.choose(lottery, pool, quotas, alternates, b"\1" * 32)
    assert len(set(choice.alternates)) == alternates
    assert not set(choice.alternates) & set(choice.members)
    assert choice.members == sortition.draw(lottery, b"\1" * 32).members
    if alternates == 7:
        counted = protocol.counts(pool, [pool.people.index(person) for person in choice.alternates])
        for cells, row in zip(quotas.categories.values(), counted, strict=True):
            for cell, count in zip(cells, row, strict=True):
                assert count <= -(-cell.maximum * 7 // 22)


def test_the_excluded_are_never_alternates() -> None:
    quotas, pool, document = published("parity_gap_2")
    lottery = protocol.read_lottery(document, pool.people, "leximin")
    others = len(pool.people) - 2 - len(lottery.excluded)
    choice = protocol.choose(lottery, pool, quotas, others, bytes(32))
    assert not set(choice.alternates) & set(lottery.excluded)


def test_a_seed_depends_on_each_secret_and_not_on_the_order_of_their_arrival() -> None:
    secrets = {"guarantor-2": b"\2" * 32, "guarantor-10": b"\3" * 32}
    one = protocol.seed(bytes(32), bytes(32), secrets, b"\5" * 32)
    assert one == protocol.seed(bytes(32), bytes(32), dict(reversed(secrets.items())), b"\5" * 32)
    expected = protocol.digest(
        "asm-draw-1/seed",
        bytes(32),
        bytes(32),
        "guarantor-10",
        b"\3" * 32,
        "guarantor-2",
        b"\2" * 32,
        b"\5" * 32,
    )
    assert one == expected
    for name in secrets:
        assert one != protocol.seed(bytes(32), bytes(32), {**secrets, name: bytes(32)}, b"\5" * 32)


def test_what_guarantors_sign_names_everything_it_binds() -> None:
    bound = protocol.guarantor_commitment("guarantor-2", bytes(32), b"\1" * 32)
    text = protocol.cosign_text(3, bytes(32), b"\2" * 32, bound)
    assert text == (
        f"asm-draw-1/cosign\ndraw 3\ncommit {'00' * 32}\nlottery {'02' * 32}\nsecret {bound.hex()}\n"
    )
    assert "reason " + hashlib.sha256("Pool périmé".encode()).hexdigest() in protocol.cancel_text(
        3, bytes(32), "Pool périmé"
    )
    assert protocol.numbers_beacon([[4], [7], [1]]) == protocol.digest("asm-draw-1/beacon", b"[[4],[7],[1]]")


def test_a_sealed_row_hides_traits_behind_its_salt() -> None:
    one = protocol.sealed_row(bytes(32), ["femme", "16-24"])
    assert one == protocol.digest("asm-draw-1/row", bytes(32), '["femme","16-24"]').hex()
    assert one != protocol.sealed_row(b"\1" * 32, ["femme", "16-24"])


def test_quotas_are_written_in_their_canonical_order() -> None:
    quotas = sortition.Quotas((sortition.Cell("b", "y", 0, 1), sortition.Cell("a", "x", 1, 2)))
    assert protocol.quotas_document(quotas) == [
        {"category": "a", "cells": [{"value": "x", "min": 1, "max": 2}]},
        {"category": "b", "cells": [{"value": "y", "min": 0, "max": 1}]},
    ]
    assert replace(quotas.cells[0]) == quotas.cells[0]
