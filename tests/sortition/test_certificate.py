from __future__ import annotations

import pytest

import sortition
from sortition.relaxation import RelaxedProgram
from tests.sortition import make, oracle


def check(certificate: sortition.Certificate, pool: sortition.Pool, excluded: tuple[str, ...]) -> None:
    assert sum(certificate.weights) == certificate.denominator >= 1
    assert min([0, *certificate.weights]) == 0
    assert all(most >= 0 and least >= 0 for most, least in certificate.quotas)
    shut = set(excluded)
    held = zip(pool.people, certificate.weights, strict=True)
    assert all(weight == 0 for person, weight in held if person in shut)


def bound_holds(seed: int) -> bool | None:
    traits, bounds, size = make.tiny(seed)
    quotas, pool = make.pool(traits, bounds)
    if not oracle.panels(traits, bounds, size):
        return None
    lottery = sortition.lottery("leximin", pool, quotas, size)
    certificate = sortition.certify(pool, quotas, size, lottery.excluded)
    check(certificate, pool, lottery.excluded)
    shut = set(lottery.excluded)
    least = min(
        chance for person, chance in zip(pool.people, lottery.exact, strict=True) if person not in shut
    )
    assert least <= certificate.bound(pool, quotas, size)
    return least == certificate.bound(pool, quotas, size)


def test_no_lottery_beats_the_certificate_and_most_reach_it() -> None:
    found = [reached for seed in range(150) if (reached := bound_holds(seed)) is not None]
    assert found.count(True) > 0.8 * len(found)
    assert not all(found), "some pools have a gap between people and fractions of people"


@pytest.mark.parametrize(
    "name", ["opendlp_monitoring_29", "sa_fixture_22", "like_sf_b_20", "like_nexus_170", "like_sf_e_110"]
)
def test_reference_pools_reach_their_certificate(name: str) -> None:
    quotas, pool, size = make.reference(name)
    certificate = sortition.certify(pool, quotas, size, ())
    check(certificate, pool, ())
    assert str(certificate.bound(pool, quotas, size)) == make.REFERENCES[name][1]


def test_a_dual_known_in_floating_point_only_is_rounded_to_a_valid_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quotas, pool, size = make.reference("sa_fixture_22")
    exact = sortition.certify(pool, quotas, size, ()).bound(pool, quotas, size)
    monkeypatch.setattr(RelaxedProgram, "proof", lambda _: None)
    rounded = sortition.certify(pool, quotas, size, ())
    check(rounded, pool, ())
    assert exact <= rounded.bound(pool, quotas, size) < exact * 2
