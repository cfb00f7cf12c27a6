from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.votes import rsa
from votes import blind, receipts

MODULE = Path(__file__).parents[2] / "assemblee" / "static" / "ballot-box.js"
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(
    NODE is None,
    reason="no `node` on the path: install Node 20 or later (apt-get install nodejs, or nodejs.org)",
)
# Calls of the module, a list of a name and its arguments, answered in one process.
RUNNER = """
import { readFile } from "node:fs/promises";
const source = (await readFile(process.argv[2])).toString("base64");
const box = await import(`data:text/javascript;base64,${source}`);
let text = "";
for await (const part of process.stdin) text += part;
const answers = [];
for (const [name, ...given] of JSON.parse(text)) {
  const values = given.map((one) => (one && one.bytes !== undefined ? box.fromHex(one.bytes) : one));
  try {
    answers.push({ value: await box[name](...values) });
  } catch (error) {
    answers.push({ code: error.code ?? String(error) });
  }
}
console.log(JSON.stringify(answers));
"""


def ask(folder: Path, *calls: list[Any]) -> list[dict[str, Any]]:
    assert NODE is not None
    runner = folder / "runner.mjs"
    runner.write_text(RUNNER)
    done = subprocess.run(
        [NODE, str(runner), str(MODULE)], input=json.dumps(calls), capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def public() -> dict[str, Any]:
    key = rsa.key().public
    return {"n": f"{key.n:x}", "e": key.e}


def test_a_token_made_there_is_signed_here_and_finished_there(tmp_path: Path) -> None:
    key = rsa.key()
    secrets = [one["value"] for one in ask(tmp_path, *[["newToken", public()] for _ in range(8)])]
    assert len({one["prepared"] for one in secrets}) == 8
    assert len({one["blinded"] for one in secrets}) == 8
    signed = [blind.blind_sign(key, bytes.fromhex(one["blinded"])).hex() for one in secrets]
    # The secret was stored as text between the two, as a browser that is closed and opened again has it.
    calls = [["finish", public(), one, signature] for one, signature in zip(secrets, signed, strict=True)]
    for secret, answer in zip(secrets, ask(tmp_path, *calls), strict=True):
        prepared, signature = (bytes.fromhex(answer["value"][name]) for name in ("prepared", "signature"))
        assert prepared.hex() == secret["prepared"]
        assert len(prepared) == receipts.PREPARED_BYTES
        assert blind.verify(key.public, prepared, signature)


def test_a_token_made_here_is_finished_there_and_each_verifies_the_other(tmp_path: Path) -> None:
    key = rsa.key()
    prepared = blind.prepare(bytes(32))
    blinded = blind.blind(key.public, prepared)
    secret = {"prepared": prepared.hex(), "inverse": blinded.inverse.to_bytes(256).hex()}
    right = blind.blind_sign(key, blinded.message).hex()
    plain = blind.sign(key, prepared)
    changed = plain[:-1] + bytes([plain[-1] ^ 1])
    beyond = (int.from_bytes(plain) + key.public.n) % 2**2048
    answers = ask(
        tmp_path,
        ["finish", public(), secret, right],
        ["verify", public(), {"bytes": prepared.hex()}, {"bytes": plain.hex()}],
        ["verify", public(), {"bytes": prepared.hex()}, {"bytes": changed.hex()}],
        ["verify", public(), {"bytes": bytes(64).hex()}, {"bytes": plain.hex()}],
        ["verify", public(), {"bytes": prepared.hex()}, {"bytes": plain.hex() + "00"}],
        ["verify", public(), {"bytes": prepared.hex()}, {"bytes": beyond.to_bytes(256).hex()}],
        ["verify", public(), {"bytes": prepared.hex()}, {"bytes": "ff" * 256}],
    )
    assert blind.verify(key.public, prepared, bytes.fromhex(answers[0]["value"]["signature"]))
    assert [one["value"] for one in answers[1:]] == [True, False, False, False, False, False]


def test_what_is_wrong_is_refused_by_a_code(tmp_path: Path) -> None:
    key = rsa.key()
    prepared = blind.prepare(bytes(32))
    blinded = blind.blind(key.public, prepared)
    secret = {"prepared": prepared.hex(), "inverse": blinded.inverse.to_bytes(256).hex()}
    right = blind.blind_sign(key, blinded.message).hex()
    answers = ask(
        tmp_path,
        ["finish", public(), secret, right[:-2]],
        ["finish", public(), secret, "00" * 256],
        ["finish", public(), {**secret, "prepared": "00" * 64}, right],
        ["finish", public(), secret, "zz"],
        ["newToken", {"n": "0f", "e": 65537}],
        ["newToken", {**public(), "e": 2}],
        ["newToken", {"n": f"{key.public.n + 1:x}", "e": 65537}],
    )
    codes = ["bad-length", "wrong-signature", "wrong-signature", "malformed", "bad-key", "bad-key", "bad-key"]
    assert [one.get("code") for one in answers] == codes


def test_tokens_and_receipts_are_the_same_on_both_sides(tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311 - the same examples every time
    calls, expected = [], []
    for consultation in (1, 2, 40, 123_456):
        prepared, token, ballot = (
            chance.randbytes(64),
            chance.randbytes(32),
            chance.randbytes(consultation % 50),
        )
        calls.append(["tokenId", prepared.hex()])
        expected.append(receipts.token_id(prepared).hex())
        calls.append(["receipt", consultation, token.hex(), list(ballot)])
        expected.append(receipts.receipt(consultation, token, ballot))
        calls.append(["receipt", consultation, token.hex(), {"bytes": ballot.hex()}])
        expected.append(expected[-1])
    assert [one["value"] for one in ask(tmp_path, *calls)] == expected


def test_it_needs_nothing_that_the_policy_of_the_pages_forbids() -> None:
    text = MODULE.read_text()
    assert not re.search(r"^import |\beval\b|new Function|innerHTML|Math\.random", text, re.MULTILINE)
