"""Which passwords nobody may have, at every door that takes one."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from assemblee import config as settings
from assemblee.accounts import actions, passwords
from assemblee.cli import cli
from assemblee.config import Config
from assemblee.db import Store
from assemblee.demo import seeding
from tests import make
from tests.answers import Visitor, refused
from tests.sweeps import swept

EMAIL = "claire.dupont@mairie-val.fr"
COMMON = [
    "password1234",
    "Password1234!",
    "P@ssw0rd2024!!",
    "passwordpassword",
    "pass word 1234",
    "Motdepasse2024",
    "MOT DE PASSE 123",
    "azertyuiop12",
    "AZERTYUIOPQSDF",
    "qwertyuiop[]",
    "1qaz2wsx3edc",
    "123456789012",
    "098765432109",
    "aaaaaaaaaaaa",
    "abcabcabcabc",
    "12341234123412",
    "abcdefghijkl",
    "iloveyou1234",
    "1234iloveyou",
    "!!football!!2026",
    "f00tb4ll2026!",
    "Assemblée2026",
    "Bonjour!!!!!!",
]
OWN = [
    "claire.dupont@mairie-val.fr",
    "Claire.Dupont@Mairie-Val.FR",
    "claire.dupont1",
    "clairedupont2026",
    "dupont-claire!!",
    "mairie-val.fr",
    "mairieval2026!",
    "claire.dupont!abc",
]
FINE = [
    make.PASSWORD,
    "correct horse battery staple",
    "le chat de claire dort sur le four",
    "48213-77a9bc-9921d",
    "73920184650192837465",
    "Xk9!vTq2#mLp",
    "motdepasse oublié par ma grand-mère",
    "un été à Épinal en 1998",
]


@swept("password", COMMON)
def test_a_password_that_is_tried_first_is_refused_however_it_is_dressed(password: str) -> None:
    assert len(password) >= actions.PASSWORD_MINIMUM
    with refused("password-common"):
        passwords.require_uncommon(password, "somebody@example.org")


@swept("password", OWN)
def test_ones_own_address_is_no_password(password: str) -> None:
    with refused("password-is-address"):
        passwords.require_uncommon(password, EMAIL)


@swept("password", FINE)
def test_a_sentence_or_chance_is_taken_whatever_it_is_made_of(password: str) -> None:
    passwords.require_uncommon(password, EMAIL)


def test_the_three_thousand_most_common_ones_that_are_long_enough_are_refused() -> None:
    lines = passwords.COMMON.read_text(encoding="ascii").splitlines()
    long = [line for line in lines if len(line) >= actions.PASSWORD_MINIMUM and not line.startswith("# ")]
    assert len(set(long)) == len(long) >= 3_000
    assert "SecLists" in lines[2]
    for line in long:
        with refused("password-common"):
            actions.hash_password(line.title(), "somebody@example.org")


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(("new", "code"), [("Motdepasse2024", "common"), ("zoe@example.org", "address")])
def test_the_form_that_changes_a_password_says_why_not(app: Flask, store: Store, new: str, code: str) -> None:
    make.account(store, "zoe@example.org", password=make.PASSWORD)
    zoe = Visitor(app, "zoe@example.org")
    page = zoe.send("/password", 422, current=make.PASSWORD, new=new, again=new)
    assert 'aria-invalid="true"' in page
    assert ("courants" if code == "common" else "adresse") in page
    Visitor(app, "zoe@example.org")


@pytest.mark.only("sqlite")
def test_the_command_line_takes_none_either(
    config: Config, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = config.instance / settings.FILE
    path.write_text(f'secret_key = "{config.secret_key}"\n', encoding="utf-8")
    monkeypatch.setenv("ASSEMBLEE_INSTANCE", str(config.instance))
    monkeypatch.delenv("ASSEMBLEE_DATABASE_URL", raising=False)
    for password, code in (("azertyuiop12", "password-common"), ("zoe@example.org", "password-is-address")):
        said = CliRunner().invoke(cli, ["user", "add", "zoe@example.org", "--password", password])
        assert (said.exit_code, said.output.partition(":")[0]) == (2, code)
    assert (
        CliRunner().invoke(cli, ["user", "add", "zoe@example.org", "--password", make.PASSWORD]).exit_code
        == 0
    )


def test_those_of_the_demo_are_made_by_chance(config: Config, tmp_path: Path) -> None:
    for email, password in seeding.passwords_of(config).items():
        passwords.require_uncommon(password, email)
        assert len(password) >= actions.PASSWORD_MINIMUM
