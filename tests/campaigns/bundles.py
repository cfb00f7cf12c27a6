"""Fifty honest bundles, on every Python that this machine has."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.verify import judges, make

BUNDLES = 50


def test_every_python_replays_every_bundle(tmp_path: Path) -> None:
    folders = [make.write(tmp_path / str(seed), make.variant(seed).files()) for seed in range(BUNDLES)]
    for version, python in sorted(judges.pythons().items()):
        assert [judges.apart(folder, python=python) for folder in folders] == [None] * BUNDLES
        print(f"Python {version}: {BUNDLES} bundles")


@pytest.mark.skipif(judges.NODE is None, reason=judges.NO_NODE)
def test_the_second_verifier_replays_every_bundle(tmp_path: Path) -> None:
    folders = [make.write(tmp_path / str(seed), make.variant(seed).files()) for seed in range(BUNDLES)]
    assert judges.javascript(folders) == [None] * BUNDLES
