#!/usr/bin/env python3
"""Le programme d’un·e garant·e : surveiller le journal d’Assemblée et signer, sans faire confiance au site.

A guarantor's program: watch the journal of Assemblée and sign, without trusting the site.

One file, Python 3.9 or later and its standard library. What it knows stands in one folder
(`~/.assemblee-witness/`, or `--home FOLDER`): keep a copy of that folder. Exit status: 0 when all is well,
1 when something is missing or malformed, 2 when the journal was rewritten. Formats: RFC 6962, RFC 8032 and
C2SP (signed-note, tlog-checkpoint, tlog-cosignature).
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hashlib
import hmac
import http.client
import io
import json
import os
import re
import secrets
import struct
import sys
import time
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

OK, TROUBLE, FORK = 0, 1, 2
SECONDS = 60
LARGEST_ANSWER = 2**20
LARGEST_DRAW = 2**28
LARGEST_INTEGER = 2**53 - 1
TAG_KEY, TAG_COSIGNATURE = b"\x01", b"\x04"

# In French, then in English. A plain line for each thing that can happen.
SENTENCES = {
    "usage": (
        "Cette commande n’est pas complète, ou n’est pas connue. Les commandes :\n"
        "  init NOM                                   fabrique votre clé\n"
        "  cosign ADRESSE [--log CLÉ] [--post]        vérifie le journal et contresigne\n"
        "  cosign FICHIER --proof FICHIER [--log CLÉ] de même, sans réseau\n"
        "  audit ADRESSE-OU-FICHIER                   relit tout le journal\n"
        "  sign-draw --draw draw.json --lottery lottery.json   signe un tirage\n"
        "  reveal --draw draw.json                    montre votre secret, après l’échéance\n"
        "  cancel --draw draw.json --reason FICHIER   signe l’annulation d’un tirage\n"
        "  open rows.age                              ouvre les réponses d’un tirage fermé\n"
        "Partout : --home DOSSIER, --lang fr ou en.",
        "This command is not complete, or not known. The commands:\n"
        "  init NAME                                  makes your key\n"
        "  cosign ADDRESS [--log KEY] [--post]        checks the journal and cosigns it\n"
        "  cosign FILE --proof FILE [--log KEY]       the same, without a network\n"
        "  audit ADDRESS-OR-FILE                      reads the whole journal again\n"
        "  sign-draw --draw draw.json --lottery lottery.json   signs a draw\n"
        "  reveal --draw draw.json                    shows your secret, after the deadline\n"
        "  cancel --draw draw.json --reason FILE      signs that a draw is given up\n"
        "  open rows.age                              opens the answers of a sealed draw\n"
        "Everywhere: --home FOLDER, --lang fr or en.",
    ),
    "sealed-malformed": (
        "{path} n’est pas un fichier age complet (age-encryption.org/v1).",
        "{path} is not a complete age file (age-encryption.org/v1).",
    ),
    "sealed-for-others": (
        "{path} n’est pas chiffré pour votre clé, ou a été modifié.",
        "{path} is not encrypted for your key, or was altered.",
    ),
    "opened": (
        "Voici rows.json : gardez-le pour vous. Pour tout vérifier, écrivez-le dans un fichier (> rows.json) "
        "à côté de verify.py.",
        "Here is rows.json: keep it to yourself. To check everything, write it to a file (> rows.json) "
        "beside verify.py.",
    ),
    "name": (
        "Un nom sans espace ni signe + est attendu, par exemple guarantor-7, celui que le site indique.",
        "A name without spaces and without + is expected, such as guarantor-7, the one that the site shows.",
    ),
    "key-exists": (
        "Il y a déjà une clé dans {path} : elle n’est pas remplacée.",
        "There is a key in {path} already: it is not replaced.",
    ),
    "key-missing": (
        "Il n’y a pas encore de clé dans {path} : commencez par « init NOM ».",
        "There is no key in {path} yet: begin with “init NAME”.",
    ),
    "key-damaged": (
        "Le fichier {path} ne contient pas une clé lisible.",
        "{path} does not hold a readable key.",
    ),
    "key-made": (
        "Votre clé est faite. Enregistrez cette ligne sur le site, et gardez le dossier {path} pour vous :",
        "Your key is made. Register this line on the site, and keep the folder {path} to yourself:",
    ),
    "state-damaged": (
        "Le fichier {path} est abîmé : reprenez votre copie de ce dossier.",
        "{path} is damaged: take your copy of this folder.",
    ),
    "unreadable": ("{path} ne peut pas être lu.", "{path} cannot be read."),
    "unwritable": ("{path} ne peut pas être écrit.", "{path} cannot be written."),
    "no-answer": (
        "{url} ne répond pas comme il faut ({reason}). Rien n’a changé ici.",
        "{url} does not answer as it should ({reason}). Nothing changed here.",
    ),
    "too-large": ("{path} est bien trop grand.", "{path} is far too large."),
    "log-missing": (
        "Premier usage : donnez la clé du journal avec --log, reçue autrement que par ce site si possible.",
        "First use: give the key of the journal with --log, had from elsewhere than this site if possible.",
    ),
    "log-malformed": ("Ceci n’est pas une clé de journal : {key}", "This is not the key of a journal: {key}"),
    "log-other": (
        "Ce dossier surveille déjà un journal dont la clé est {key}.",
        "This folder watches a journal already, whose key is {key}.",
    ),
    "note-malformed": (
        "{path} n’est pas un point de contrôle signé.",
        "{path} is not a signed checkpoint.",
    ),
    "note-unsigned": (
        "{path} n’est pas signé par la clé du journal que vous surveillez. Rien n’a changé ici.",
        "{path} is not signed by the key of the journal that you watch. Nothing changed here.",
    ),
    "proof-missing": (
        "Ajoutez avec --proof le fichier de la preuve, de {old} à {new} lignes.",
        "Add the file of the proof with --proof, from {old} to {new} lines.",
    ),
    "proof-malformed": ("{path} n’est pas une preuve.", "{path} is not a proof."),
    "fork": (
        "ALERTE : le journal a été réécrit. Il ne prolonge pas celui de {old} lignes que vous avez "
        "contresigné. Rien n’est signé. La preuve est dans {path} : montrez-la.",
        "WARNING: the journal was rewritten. It does not go on from the one of {old} lines that you "
        "cosigned. Nothing is signed. The proof is in {path}: show it.",
    ),
    "smaller": (
        "ALERTE : le journal montre {new} lignes, et vous en avez contresigné {old}. "
        "Rien n’est signé. Les deux points de contrôle sont dans {path} : montrez-les.",
        "WARNING: the journal shows {new} lines, and you cosigned {old}. "
        "Nothing is signed. Both checkpoints are in {path}: show them.",
    ),
    "cosigned": (
        "Le journal de {size} lignes prolonge ce que vous connaissiez. Votre contresignature :",
        "The journal of {size} lines goes on from what you knew. Your cosignature:",
    ),
    "posted": ("Le site l’a reçue.", "The site has received it."),
    "post-without-address": (
        "--post demande une adresse, pas un fichier.",
        "--post wants an address, not a file.",
    ),
    "nothing-held": (
        "Vous ne gardez encore aucun point de contrôle : il n’y a rien à comparer.",
        "You keep no checkpoint yet: there is nothing to compare with.",
    ),
    "audited": (
        "{size} lignes relues, racine {root}. Vos {held} points de contrôle s’y retrouvent tous.",
        "{size} lines read, root {root}. Your {held} checkpoints are all found again.",
    ),
    "rewritten": (
        "ALERTE : les {size} premières lignes ne sont plus celles que vous avez contresignées.",
        "WARNING: the first {size} lines are not those that you cosigned any more.",
    ),
    "cut": (
        "ALERTE : le journal n’a plus que {size} lignes, et vous en avez contresigné {old}.",
        "WARNING: the journal has only {size} lines left, and you cosigned {old}.",
    ),
    "draw-malformed": (
        "{path} n’est pas un fichier « {kind} » de la forme asm-draw-1 ({part}).",
        "{path} is not a “{kind}” file of the form asm-draw-1 ({part}).",
    ),
    "draw-not-mine": (
        "Ce tirage ne vous compte pas, avec cette clé, parmi ses garant·es.",
        "This draw does not count you, with this key, among its guarantors.",
    ),
    "draw-other-log": (
        "Ce tirage s’inscrit dans un autre journal que celui que vous surveillez.",
        "This draw is written into another journal than the one you watch.",
    ),
    "lottery-other": (
        "Cette loterie n’est pas celle de ce tirage.",
        "This lottery is not the one of this draw.",
    ),
    "lottery-second": (
        "Vous avez déjà signé une autre loterie pour ce tirage : on n’en signe qu’une.",
        "You have signed another lottery for this draw already: one signs only one.",
    ),
    "draw-signed": (
        "Tirage {draw} : {people} personnes, {panels} panels, {tickets} billets. Envoyez ceci au site :",
        "Draw {draw}: {people} people, {panels} panels, {tickets} tickets. Send this to the site:",
    ),
    "secret-missing": (
        "Il n’y a pas ici de secret pour ce tirage : il n’a pas été signé depuis ce dossier.",
        "There is no secret for this draw here: it was not signed from this folder.",
    ),
    "secret-early": (
        "Attention : ne montrez ce secret à personne avant le {moment}.",
        "Mind: show this secret to nobody before {moment}.",
    ),
    "cancel-signed": (
        "Le motif signé, sans blancs autour : « {reason} ». Envoyez ces lignes au site :",
        "The reason that is signed, without white space around it: “{reason}”. Send these lines to the site:",
    ),
    "reason-empty": ("Le fichier du motif est vide.", "The file of the reason is empty."),
}


class Halt(Exception):  # noqa: N818 - it reads as what it says
    """What stops the program: a sentence and an exit status."""

    def __init__(self, code: str, status: int = TROUBLE, **values: object) -> None:
        super().__init__(code)
        self.code, self.status, self.values = code, status, values


class Malformed(Exception):  # noqa: N818 - the same
    """A text that does not have its form."""


class Voice:
    """The language of the sentences."""

    language = "fr"

    def say(self, code: str, **values: object) -> None:
        """Tell the person something; what a program may read goes to the standard output instead."""
        print(self.sentence(code, values), file=sys.stderr)

    def sentence(self, code: str, values: dict[str, object]) -> str:
        """Return a sentence."""
        return SENTENCES[code][self.language == "en"].format(**values)


# Ed25519 (RFC 8032, section 5.1), not in constant time: it runs on the guarantor's own machine.

# --- shared: Ed25519 (equal byte for byte to the copies that tests/house/test_standalone.py names)
FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, -1, FIELD) % FIELD
BASE = (4 * pow(5, -1, FIELD) % FIELD).to_bytes(32, "little")


def add(one: tuple[int, ...], two: tuple[int, ...]) -> tuple[int, ...]:
    """Add two points in extended coordinates (RFC 8032, section 5.1.4)."""
    (x, y, z, t), (u, v, w, s) = one, two
    a, b, c, d = (y - x) * (v - u), (y + x) * (v + u), 2 * CURVE * t % FIELD * s, 2 * z * w
    e, f, g, h = (b - a) % FIELD, (d - c) % FIELD, (d + c) % FIELD, (b + a) % FIELD
    return e * f % FIELD, g * h % FIELD, f * g % FIELD, e * h % FIELD


@lru_cache(maxsize=64)
def point(data: bytes) -> tuple[int, ...]:
    """Return the point that bytes encode, nothing if they encode none (RFC 8032, section 5.1.3)."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & 2**255 - 1
    u, v = y * y - 1, CURVE * y * y + 1
    x = u * pow(v, 3, FIELD) * pow(u * pow(v, 7, FIELD), (FIELD - 5) // 8, FIELD) % FIELD
    x = x * (pow(2, (FIELD - 1) // 4, FIELD) if (v * x * x + u) % FIELD == 0 else 1) % FIELD
    if len(data) != 32 or y >= FIELD or (v * x * x - u) % FIELD or (x == 0 and sign):
        return ()
    x = x if x & 1 == sign else FIELD - x
    return (x, y, 1, x * y % FIELD)


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Check a signature (RFC 8032, section 5.1.7, without cofactor)."""
    key, base, scalar = point(public), point(BASE), int.from_bytes(signature[32:], "little")
    if not key or len(signature) != 64 or scalar >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    # R = S B - k A. The point is negated, not k: a point with a part of small order has another order.
    minus = (FIELD - key[0], key[1], 1, FIELD - key[3])
    sums: list[tuple[int, ...]] = [(0, 1, 1, 0), base, add(base, base), add(add(base, base), base)]
    for place in range(12):
        sums.append(add(sums[place], minus))
    total = sums[0]
    for place in range(252, -1, -2):
        twice = add(total, total)
        total = add(add(twice, twice), sums[(scalar >> place & 3) + 4 * (challenge >> place & 3)])
    x, y = (one * pow(total[2], -1, FIELD) % FIELD for one in total[:2])
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


# --- end of shared: Ed25519


def multiply(scalar: int, power: tuple[int, ...]) -> tuple[int, ...]:
    """Add a point to itself."""
    total: tuple[int, ...] = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, power)
        power = add(power, power)
        scalar >>= 1
    return total


def compress(one: tuple[int, ...]) -> bytes:
    """Return the 32 bytes of a point."""
    inverse = pow(one[2], -1, FIELD)
    x, y = one[0] * inverse % FIELD, one[1] * inverse % FIELD
    encoded: int = y | (x & 1) << 255
    return encoded.to_bytes(32, "little")


def _hash_number(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def _expand(seed: bytes) -> tuple[int, bytes]:
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    return scalar, digest[32:]


def public_key(seed: bytes) -> bytes:
    """Return the public key of 32 secret bytes."""
    return compress(multiply(_expand(seed)[0], point(BASE)))


def sign(seed: bytes, message: bytes) -> bytes:
    """Sign a message."""
    scalar, prefix = _expand(seed)
    nonce = _hash_number(prefix, message) % ORDER
    commitment = compress(multiply(nonce, point(BASE)))
    challenge = _hash_number(commitment, public_key(seed), message) % ORDER
    return commitment + ((nonce + challenge * scalar) % ORDER).to_bytes(32, "little")


# Notes, keys and checkpoints (C2SP).

NAME = re.compile(r"[^\s+]+")


def decode(text: str) -> bytes:
    """Read base64 in its one form."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed from None
    if base64.b64encode(data).decode() != text:
        raise Malformed
    return data


class Key:
    """A name and a public key."""

    def __init__(self, name: str, public: bytes) -> None:
        self.name, self.public = name, public

    def id(self, tag: bytes = TAG_KEY) -> bytes:
        """Return the four bytes that point to this key."""
        return hashlib.sha256(self.name.encode() + b"\n" + tag + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id().hex()}+{base64.b64encode(TAG_KEY + self.public).decode()}"


def parse_key(text: str) -> Key:
    """Read a verifier key."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not NAME.fullmatch(parts[0]):
        raise Malformed
    data = decode(parts[2])
    if len(data) != 33 or data[:1] != TAG_KEY:
        raise Malformed
    if not point(data[1:]):
        raise Malformed
    key = Key(parts[0], data[1:])
    if parts[1] != key.id().hex():
        raise Malformed
    return key


def signature_line(name: str, key_id: bytes, value: bytes) -> str:
    """Return a line of a signed note."""
    return f"— {name} {base64.b64encode(key_id + value).decode()}\n"


class Checkpoint:
    """A signed checkpoint: its note, its text, how many leaves, which root, and its signatures."""

    def __init__(self, note: str) -> None:
        body, separator, lines = note.rpartition("\n\n")
        if not separator or not lines.endswith("\n") or any(mark < " " and mark != "\n" for mark in note):
            raise Malformed
        self.note, self.text = note, body + "\n"
        self.signatures = []
        for line in lines[:-1].split("\n"):
            parts = line.split(" ")
            if len(parts) != 3 or parts[0] != "—" or not NAME.fullmatch(parts[1]):
                raise Malformed
            self.signatures.append((parts[1], decode(parts[2])))
        head = body.split("\n")
        if len(head) < 3 or not all(head) or not re.fullmatch(r"[1-9][0-9]{0,15}", head[1]):
            raise Malformed
        self.origin, self.size, self.root = head[0], int(head[1]), decode(head[2])
        if len(self.root) != 32:
            raise Malformed

    def is_signed_by(self, key: Key) -> bool:
        """Whether the key of the log has signed it, once."""
        own = [data for name, data in self.signatures if name == key.name and data[:4] == key.id()]
        text = self.text.encode()
        return self.origin == key.name and len(own) == 1 and ed25519(key.public, text, own[0][4:])


# The tree (RFC 6962, RFC 9162).


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def extends(old: int, new: int, old_root: bytes, new_root: bytes, proof: list[bytes]) -> bool:
    """Whether a proof shows that the new tree begins with the whole old one (RFC 9162, section 2.1.4.2)."""
    hashes = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not 1 <= old < new or not hashes:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    found_old = found_new = hashes[0]
    for digest in hashes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            found_old, found_new = node_hash(digest, found_old), node_hash(digest, found_new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found_new = node_hash(found_new, digest)
        place, last = place >> 1, last >> 1
    return last == 0 and (found_old, found_new) == (old_root, new_root)


class Tree:
    """A root that grows leaf by leaf."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def append(self, line: bytes) -> None:
        """Add a leaf."""
        digest = hashlib.sha256(b"\x00" + line).digest()
        position, self.size = self.size, self.size + 1
        while position & 1:
            digest = node_hash(self.peaks.pop(), digest)
            position >>= 1
        self.peaks.append(digest)

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        *others, result = self.peaks
        for left in reversed(others):
            result = node_hash(left, result)
        return result


# Files and addresses.


def is_address(source: str) -> bool:
    """Whether a source is on the network."""
    return source.startswith(("http://", "https://"))


def site_of(source: str) -> str:
    """Return the address of the site, whichever of its pages was copied."""
    found = re.match(r"https?://[^/?#]*(/(?!journal)[^/?#]*)*", source)
    return found.group().rstrip("/") if found else source


def read_file(path: Path | str, largest: int = LARGEST_ANSWER) -> bytes:
    """Read a file."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(largest + 1)
    except (OSError, ValueError):
        raise Halt("unreadable", path=path) from None
    if len(data) > largest:
        raise Halt("too-large", path=path)
    return data


def open_address(url: str, body: bytes | None = None) -> http.client.HTTPResponse:
    """Ask the site."""
    headers = {"Accept": "text/plain, application/json", "Content-Type": "text/plain; charset=utf-8"}
    try:
        request = urllib.request.Request(url, data=body, headers=headers)
        answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=SECONDS)
    except urllib.error.HTTPError as error:
        raise Halt("no-answer", url=url, reason=error.code) from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Halt("no-answer", url=url, reason=type(error).__name__) from None
    return answer


def read_address(url: str, body: bytes | None = None) -> bytes:
    """Return what the site answers."""
    with open_address(url, body) as answer:
        try:
            data = answer.read(LARGEST_ANSWER + 1)
        except (OSError, http.client.HTTPException) as error:
            raise Halt("no-answer", url=url, reason=type(error).__name__) from None
    if len(data) > LARGEST_ANSWER:
        raise Halt("too-large", path=url)
    return data


def write_file(path: Path, text: str, *, once: bool = False) -> None:
    """Write a file that its owner alone can read, whole or not at all."""
    flags = os.O_WRONLY | os.O_CREAT | (os.O_EXCL if once else os.O_TRUNC)
    target = path if once else path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(target, flags, 0o600), "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if not once:
            target.replace(path)
    except FileExistsError:
        raise Halt("key-exists", path=path) from None
    except OSError:
        raise Halt("unwritable", path=path) from None


class Home:
    """The folder of what this guarantor knows: a key, the log and its last checkpoint, secrets of draws."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key_path = folder / "key.json"
        self.state_path = folder / "state.json"
        self.checkpoints = folder / "checkpoints"

    def make_key(self, name: str) -> Key:
        """Make the key, once."""
        seed = secrets.token_bytes(32)
        write_file(self.key_path, json.dumps({"name": name, "secret": seed.hex()}) + "\n", once=True)
        return Key(name, public_key(seed))

    def key(self) -> tuple[Key, bytes]:
        """Return the key, and the secret behind it."""
        if not self.key_path.exists():
            raise Halt("key-missing", path=self.folder)
        try:
            document = json.loads(read_file(self.key_path))
            seed = bytes.fromhex(document["secret"])
            if len(seed) != 32 or not NAME.fullmatch(document["name"]):
                raise Malformed
        except (ValueError, KeyError, TypeError, Malformed):
            raise Halt("key-damaged", path=self.key_path) from None
        return Key(document["name"], public_key(seed)), seed

    def log(self, given: str | None) -> Key:
        """Return the key of the log, as remembered or as given at first use."""
        remembered = self._state().get("log")
        text = remembered or (given or "").strip()
        if not text:
            raise Halt("log-missing")
        if given and given.strip() != text:
            raise Halt("log-other", key=text)
        try:
            return parse_key(text)
        except Malformed:
            raise Halt("log-malformed", key=text) from None

    def last(self) -> Checkpoint | None:
        """Return the last checkpoint that was cosigned."""
        note = self._state().get("note")
        try:
            return Checkpoint(note) if note is not None else None
        except (Malformed, AttributeError):
            raise Halt("state-damaged", path=self.state_path) from None

    def held(self, log: Key) -> list[Checkpoint]:
        """Return every checkpoint that was ever cosigned, the smallest first."""
        checkpoints = []
        for path in self.checkpoints.glob("*.txt"):
            try:
                checkpoint = Checkpoint(read_file(path).decode())
            except (Malformed, UnicodeDecodeError):
                raise Halt("state-damaged", path=path) from None
            if not checkpoint.is_signed_by(log):
                raise Halt("state-damaged", path=path)
            checkpoints.append(checkpoint)
        return sorted(checkpoints, key=lambda one: one.size)

    def keep(self, log: Key, checkpoint: Checkpoint) -> None:
        """Remember a checkpoint, before anything is signed."""
        write_file(self.checkpoints / f"{checkpoint.size}.txt", checkpoint.note)
        write_file(self.state_path, json.dumps({"log": str(log), "note": checkpoint.note}) + "\n")

    def write_fork(self, old: Checkpoint, new: Checkpoint) -> Path:
        """Keep two checkpoints of the same key that cannot both be true."""
        path = (
            self.folder
            / "forks"
            / f"{old.size}-{new.size}-{hashlib.sha256(new.text.encode()).hexdigest()[:8]}.txt"
        )
        write_file(path, f"{old.note}\n{new.note}")
        return path

    def _state(self) -> dict[str, str]:
        if not self.state_path.exists():
            return {}
        try:
            state = json.loads(read_file(self.state_path))
        except ValueError:
            raise Halt("state-damaged", path=self.state_path) from None
        if not isinstance(state, dict):
            raise Halt("state-damaged", path=self.state_path)
        return state


# Draws (docs/verify.md).


def tagged_hash(tag: str, *parts: bytes) -> bytes:
    """Return the hash of parts, each with its length before it."""
    hashed = hashlib.sha256()
    for part in (tag.encode(), *parts):
        hashed.update(len(part).to_bytes(8, "big") + part)
    return hashed.digest()


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) != len(pairs) or not all(name.isascii() for name, _value in pairs):
        raise Malformed
    return dict(pairs)


def _whole(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST_INTEGER:
        raise Malformed
    return int(text)


def _never(_text: str) -> object:
    raise Malformed


def read_canonical(path: str, kind: str) -> tuple[dict[str, Any], bytes]:
    """Read a file of canonical JSON: its value and its bytes."""
    data = read_file(path, LARGEST_DRAW)
    try:
        text = data.decode()
        value = json.loads(
            text, object_pairs_hook=_members, parse_float=_never, parse_int=_whole, parse_constant=_never
        )
        again = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if again != text or not unicodedata.is_normalized("NFC", text) or not isinstance(value, dict):
            raise Malformed
    except (ValueError, RecursionError, Malformed):
        raise Halt("draw-malformed", path=path, kind=kind, part="JSON") from None
    return value, data


class Draw:
    """A frozen draw, as far as a guarantor must read it to know what is signed."""

    def __init__(self, path: str) -> None:
        value, data = read_canonical(path, "draw.json")

        def take(name: str, kind: type) -> Any:  # noqa: ANN401 - of the kind that was asked for
            part = value.get(name)
            if not isinstance(part, kind) or isinstance(part, bool):
                raise Halt("draw-malformed", path=path, kind="draw.json", part=name)
            return part

        if value.get("protocol") != "asm-draw-1":
            raise Halt("draw-malformed", path=path, kind="draw.json", part="protocol")
        self.number, self.tickets = take("draw", int), take("tickets", int)
        self.people, self.size = len(take("pool", list)), take("size", int)
        self.log = take("log", str)
        self.guarantors = take("guarantors", list)
        self.cosign_until = take("deadlines", dict).get("cosign")
        if not isinstance(self.cosign_until, str) or not re.fullmatch(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", self.cosign_until
        ):
            raise Halt("draw-malformed", path=path, kind="draw.json", part="deadlines")
        self.commit = tagged_hash("asm-draw-1/commit", data)

    def require(self, home: Home, key: Key) -> None:
        """Stop unless this guarantor and this log are those of the draw."""
        if {"name": key.name, "key": str(key)} not in self.guarantors:
            raise Halt("draw-not-mine")
        if home.state_path.exists() and str(home.log(None)) != self.log:
            raise Halt("draw-other-log")


def read_lottery(path: str, draw: Draw) -> tuple[str, int]:
    """Read the lottery of a draw: its hash, and how many panels it has."""
    value, data = read_canonical(path, "lottery.json")
    if value.get("format") != "asm-draw-1/lottery" or not isinstance(value.get("panels"), list):
        raise Halt("draw-malformed", path=path, kind="lottery.json", part="format")
    if value.get("commit") != draw.commit.hex():
        raise Halt("lottery-other")
    total = 0
    for panel in value["panels"]:
        members = panel.get("members") if isinstance(panel, dict) else None
        tickets = panel.get("tickets") if isinstance(panel, dict) else None
        if type(tickets) is not int or tickets < 1 or not isinstance(members, list):
            raise Halt("draw-malformed", path=path, kind="lottery.json", part="panels")
        places = [one for one in members if type(one) is int and 0 <= one < draw.people]
        if len(places) != len(members) or len(members) != draw.size or sorted(set(places)) != members:
            raise Halt("draw-malformed", path=path, kind="lottery.json", part="members")
        total += tickets
    if total != draw.tickets:
        raise Halt("draw-malformed", path=path, kind="lottery.json", part="tickets")
    return hashlib.sha256(data).hexdigest(), len(value["panels"])


def secret_path(home: Home, draw: Draw) -> Path:
    """Return where the secret of a draw is kept."""
    return home.folder / "secrets" / f"{draw.commit.hex()}.json"


def read_secret(path: Path) -> tuple[bytes, str]:
    """Return a secret, and the hash of the lottery that was signed with it."""
    try:
        document = json.loads(read_file(path))
        secret, lottery = bytes.fromhex(document["secret"]), document["lottery"]
        if len(secret) != 32 or not isinstance(lottery, str):
            raise Malformed
    except (ValueError, KeyError, TypeError, Malformed):
        raise Halt("state-damaged", path=path) from None
    return secret, lottery


def signed_note(key: Key, seed: bytes, text: str) -> str:
    """Return a text as a note that this guarantor signs."""
    return text + "\n" + signature_line(key.name, key.id(), sign(seed, text.encode()))


# The commands.


# age-encryption.org/v1 with `ssh-ed25519` recipients: X25519 (RFC 7748), HKDF (RFC 5869), ChaCha20-Poly1305
# (RFC 8439). A file that somebody altered is refused by its authentication before a byte of it is shown.
AGE_FIRST = b"age-encryption.org/v1\n"
AGE_SSH = b"age-encryption.org/v1/ssh-ed25519"
AGE_TAG = 16
AGE_CHUNK = 64 * 1024
AGE_NONCE = 16


def hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """Derive 32 bytes (RFC 5869 with SHA-256, one block)."""
    inner = hmac.digest(salt or bytes(32), secret, "sha256")
    return hmac.digest(inner, info + b"\x01", "sha256")


def shared_secret(scalar: bytes, point: bytes) -> bytes:
    """Return X25519 of a scalar and a point (RFC 7748 section 5)."""
    bits = bytearray(scalar)
    bits[0] &= 248
    bits[31] = bits[31] & 127 | 64
    number, x1 = int.from_bytes(bits, "little"), int.from_bytes(point, "little") % 2**255
    x2, z2, x3, z3, swapped = 1, 0, x1, 1, 0
    for place in range(254, -1, -1):
        bit = number >> place & 1
        if swapped != bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swapped = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        cb, da, aa, bb = c * b % FIELD, d * a % FIELD, a * a % FIELD, b * b % FIELD
        x3, z3 = (da + cb) ** 2 % FIELD, x1 * (da - cb) ** 2 % FIELD
        x2, z2 = aa * bb % FIELD, (aa - bb) * (aa + 121665 * (aa - bb)) % FIELD
    if swapped:
        x2, z2 = x3, z3
    return (x2 * pow(z2, FIELD - 2, FIELD) % FIELD).to_bytes(32, "little")


def _stream(key: bytes, nonce: bytes, counter: int, length: int) -> bytes:
    """Return bytes of the ChaCha20 key stream (RFC 8439 section 2.4)."""
    fixed = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574, *struct.unpack("<8L", key)]
    rounds = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
    rounds += [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    blocks = []
    for block in range(-(-length // 64)):
        start = [*fixed, counter + block, *struct.unpack("<3L", nonce)]
        state = start[:]
        for a, b, c, d in rounds * 10:
            for one, two, three, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
                state[one] = (state[one] + state[two]) & 0xFFFFFFFF
                word = state[three] ^ state[one]
                state[three] = (word << turn | word >> 32 - turn) & 0xFFFFFFFF
        words = (one + two & 0xFFFFFFFF for one, two in zip(state, start))  # noqa: B905 - Python 3.9
        blocks.append(struct.pack("<16L", *words))
    return b"".join(blocks)[:length]


def unlock(key: bytes, nonce: bytes, locked: bytes) -> bytes | None:
    """Open what ChaCha20-Poly1305 locked without other data, or return None (RFC 8439 section 2.8)."""
    body, tag = locked[:-AGE_TAG], locked[-AGE_TAG:]
    once = _stream(key, nonce, 0, 32)
    r, s = (int.from_bytes(half, "little") for half in (once[:16], once[16:]))
    r &= 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total, padded = 0, body + bytes(-len(body) % 16) + struct.pack("<QQ", 0, len(body))
    for place in range(0, len(padded), 16):
        total = (total + int.from_bytes(padded[place : place + 16] + b"\x01", "little")) * r % (2**130 - 5)
    if not hmac.compare_digest(((total + s) % 2**128).to_bytes(16, "little"), tag):
        return None
    stream = _stream(key, nonce, 1, len(body))
    return (int.from_bytes(body, "little") ^ int.from_bytes(stream, "little")).to_bytes(len(body), "little")


def _file_key(header: bytes, public: bytes, seed: bytes) -> bytes | None:
    """Find the stanza for a key in the header of an age file, and open it."""
    wire = b"".join(len(part).to_bytes(4, "big") + part for part in (b"ssh-ed25519", public))
    tag = base64.b64encode(hashlib.sha256(wire).digest()[:4]).rstrip(b"=")
    # The Montgomery form of the same point: u = (1 + y) / (1 - y).
    y = int.from_bytes(public, "little") % 2**255
    own = ((1 + y) * pow(1 - y, FIELD - 2, FIELD) % FIELD).to_bytes(32, "little")
    for words, body in re.findall(
        rb"^-> ([^\n]*)\n((?:[A-Za-z0-9+/]{64}\n)*[A-Za-z0-9+/]{0,63})$", header, re.MULTILINE
    ):
        if words.split(b" ")[:2] != [b"ssh-ed25519", tag] or words.count(b" ") != 2:
            continue
        share, wrapped = (_unpadded(part) for part in (words.split(b" ")[2], body.replace(b"\n", b"")))
        if len(share) == 32 and len(wrapped) == 32:
            tweak = hkdf(b"", wire, AGE_SSH)
            common = shared_secret(tweak, shared_secret(hashlib.sha512(seed).digest()[:32], share))
            return unlock(hkdf(common, share + own, AGE_SSH), bytes(12), wrapped)
    return None


def _unpadded(text: bytes) -> bytes:
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return b""
    # The last letter has bits to spare: only one way to write them is the age format's.
    return data if base64.b64encode(data).rstrip(b"=") == text else b""


def open_age(content: bytes, public: bytes, seed: bytes, path: str) -> bytes:
    """Open an age file that was encrypted for an Ed25519 key."""
    end = content.find(b"\n--- ")
    line = content.find(b"\n", end + 1)
    if (
        not content.startswith(AGE_FIRST)
        or end < 0
        or line < 0
        or len(content) < line + 1 + AGE_NONCE + AGE_TAG
    ):
        raise Halt("sealed-malformed", path=path)
    header, mac = content[: end + 4], _unpadded(content[end + 5 : line])
    file_key = _file_key(content[len(AGE_FIRST) : end + 1], public, seed)
    own = hmac.digest(hkdf(file_key or b"", b"", b"header"), header, "sha256")
    if file_key is None or not hmac.compare_digest(own, mac):
        raise Halt("sealed-for-others", path=path)
    nonce, body = content[line + 1 : line + 1 + AGE_NONCE], content[line + 1 + AGE_NONCE :]
    key = hkdf(file_key, nonce, b"payload")
    step = AGE_CHUNK + AGE_TAG
    chunks = []
    for number, place in enumerate(range(0, len(body), step)):
        last = b"\x01" if place + step >= len(body) else b"\x00"
        chunk = unlock(key, number.to_bytes(11, "big") + last, body[place : place + step])
        if chunk is None:
            raise Halt("sealed-for-others", path=path)
        chunks.append(chunk)
    return b"".join(chunks)


class Commands:
    """One method for each command."""

    def __init__(self, voice: Voice, home: Home) -> None:
        self.voice, self.home = voice, home

    def init(self, options: argparse.Namespace) -> int:
        """Make the key."""
        if not NAME.fullmatch(options.name):
            raise Halt("name")
        key = self.home.make_key(options.name)
        self.voice.say("key-made", path=self.home.folder)
        print(key)
        return OK

    def cosign(self, options: argparse.Namespace) -> int:
        """Check that the log goes on from what was seen, and cosign it."""
        if options.post and not is_address(options.source):
            raise Halt("post-without-address")
        key, seed = self.home.key()
        log = self.home.log(options.log)
        new = self._fetch_checkpoint(options.source, log)
        old = self.home.last()
        if old is not None:
            self._require_extension(old, new, options)
        self.home.keep(log, new)
        moment = int(time.time())
        text = f"cosignature/v1\ntime {moment}\n{new.text}".encode()
        line = signature_line(key.name, key.id(TAG_COSIGNATURE), moment.to_bytes(8, "big") + sign(seed, text))
        self.voice.say("cosigned", size=new.size)
        print(line, end="")
        if options.post:
            read_address(f"{site_of(options.source)}/journal/cosignatures", f"{new.text}\n{line}".encode())
            self.voice.say("posted")
        return OK

    def _fetch_checkpoint(self, source: str, log: Key) -> Checkpoint:
        place = f"{site_of(source)}/journal/checkpoint" if is_address(source) else source
        data = read_address(place) if is_address(source) else read_file(source)
        try:
            checkpoint = Checkpoint(data.decode())
        except (UnicodeDecodeError, Malformed):
            raise Halt("note-malformed", path=place) from None
        if not checkpoint.is_signed_by(log):
            raise Halt("note-unsigned", path=place)
        return checkpoint

    def _require_extension(self, old: Checkpoint, new: Checkpoint, options: argparse.Namespace) -> None:
        if new.size < old.size:
            path = self.home.write_fork(old, new)
            raise Halt("smaller", FORK, old=old.size, new=new.size, path=path)
        if new.size == old.size:
            is_extension = new.root == old.root
        else:
            proof = self._fetch_proof(old.size, new.size, options)
            is_extension = extends(old.size, new.size, old.root, new.root, proof)
        if not is_extension:
            raise Halt("fork", FORK, old=old.size, path=self.home.write_fork(old, new))

    def _fetch_proof(self, old: int, new: int, options: argparse.Namespace) -> list[bytes]:
        if options.proof is not None:
            place, data = options.proof, read_file(options.proof)
        elif is_address(options.source):
            place = f"{site_of(options.source)}/journal/proofs/consistency/{old}/{new}"
            data = read_address(place)
        else:
            raise Halt("proof-missing", old=old, new=new)
        try:
            document = json.loads(data)
            hashes = [bytes.fromhex(one) for one in document["proof"]]
            if (document["old"], document["new"]) != (old, new) or any(len(one) != 32 for one in hashes):
                raise Malformed
        except (ValueError, KeyError, TypeError, RecursionError, Malformed):
            raise Halt("proof-malformed", path=place) from None
        return hashes

    def audit(self, options: argparse.Namespace) -> int:
        """Read every line again, and look for every checkpoint that was cosigned."""
        log = self.home.log(None)
        held = self.home.held(log)
        if not held:
            raise Halt("nothing-held")
        tree, waiting = Tree(), list(held)
        for line in self._lines(options.source):
            tree.append(line)
            if waiting and waiting[0].size == tree.size and waiting.pop(0).root != tree.root():
                raise Halt("rewritten", FORK, size=tree.size)
        if waiting:
            raise Halt("cut", FORK, size=tree.size, old=waiting[-1].size)
        self.voice.say("audited", size=tree.size, root=tree.root().hex(), held=len(held))
        return OK

    def _lines(self, source: str) -> Iterator[bytes]:
        if not is_address(source):
            try:
                with Path(source).open("rb") as file:
                    yield from _without_ends(file)
            except (OSError, ValueError):
                raise Halt("unreadable", path=source) from None
            return
        url = f"{site_of(source)}/journal/leaves.txt"
        with open_address(url) as answer:
            try:
                yield from _without_ends(answer)
            except (OSError, http.client.HTTPException) as error:
                raise Halt("no-answer", url=url, reason=type(error).__name__) from None

    def sign_draw(self, options: argparse.Namespace) -> int:
        """Sign a draw and its lottery, with the hash of a fresh secret."""
        key, seed = self.home.key()
        draw = Draw(options.draw)
        draw.require(self.home, key)
        lottery, panels = read_lottery(options.lottery, draw)
        path = secret_path(self.home, draw)
        if not path.exists():
            made = {"lottery": lottery, "secret": secrets.token_bytes(32).hex()}
            write_file(path, json.dumps(made) + "\n", once=True)
        secret, signed = read_secret(path)
        if signed != lottery:
            raise Halt("lottery-second")
        hidden = tagged_hash("asm-draw-1/guarantor", key.name.encode(), draw.commit, secret).hex()
        text = (
            f"asm-draw-1/cosign\ndraw {draw.number}\ncommit {draw.commit.hex()}\n"
            f"lottery {lottery}\nsecret {hidden}\n"
        )
        self.voice.say(
            "draw-signed", draw=draw.number, people=draw.people, panels=panels, tickets=draw.tickets
        )
        print(signed_note(key, seed, text), end="")
        return OK

    def reveal(self, options: argparse.Namespace) -> int:
        """Show the secret of a draw."""
        key, _seed = self.home.key()
        draw = Draw(options.draw)
        path = secret_path(self.home, draw)
        if not path.exists():
            raise Halt("secret-missing")
        secret, _lottery = read_secret(path)
        if time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) <= draw.cosign_until:
            self.voice.say("secret-early", moment=draw.cosign_until)
        print(f"{key.name} {secret.hex()}")
        return OK

    def cancel(self, options: argparse.Namespace) -> int:
        """Sign that a draw is given up, and why."""
        key, seed = self.home.key()
        draw = Draw(options.draw)
        draw.require(self.home, key)
        try:
            # As the site keeps a reason: trimmed, in Unicode NFC, whatever ends its lines.
            written = read_file(options.reason).decode("utf-8-sig").replace("\r\n", "\n")
            reason = unicodedata.normalize("NFC", written).strip()
        except UnicodeDecodeError:
            raise Halt("unreadable", path=options.reason) from None
        if not reason:
            raise Halt("reason-empty")
        text = (
            f"asm-draw-1/cancel\ndraw {draw.number}\ncommit {draw.commit.hex()}\n"
            f"reason {hashlib.sha256(reason.encode()).hexdigest()}\n"
        )
        self.voice.say("cancel-signed", reason=reason)
        print(signed_note(key, seed, text), end="")
        return OK

    def open(self, options: argparse.Namespace) -> int:
        """Open the answers of a sealed draw."""
        key, seed = self.home.key()
        rows = open_age(read_file(options.source, LARGEST_DRAW), key.public, seed, options.source)
        try:
            text = rows.decode()
        except UnicodeDecodeError:
            raise Halt("sealed-malformed", path=options.source) from None
        self.voice.say("opened")
        # As it was hashed: not a byte more.
        print(text, end="")
        return OK


def _without_ends(lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield line[:-1] if line.endswith(b"\n") else line


class Parser(argparse.ArgumentParser):
    """A reader of commands that answers in the person's language."""

    def error(self, message: str) -> NoReturn:
        """Show the commands."""
        del message
        raise Halt("usage")

    def print_help(self, file: object = None) -> None:
        """Show the commands."""
        del file
        raise Halt("usage", OK)


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command."""
    everywhere = Parser(add_help=False, allow_abbrev=False)
    everywhere.add_argument("--home", type=Path, default=argparse.SUPPRESS)
    everywhere.add_argument("--lang", choices=("fr", "en"), default=argparse.SUPPRESS)
    parser = Parser(prog="assemblee-witness", parents=[everywhere], allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, *words: str, **needed: bool) -> Parser:
        made = commands.add_parser(name, parents=[everywhere], allow_abbrev=False)
        for word in words:
            made.add_argument(word)
        for option, is_needed in needed.items():
            made.add_argument(f"--{option}", required=is_needed)
        return made

    command("init", "name")
    command("cosign", "source", proof=False, log=False).add_argument("--post", action="store_true")
    command("audit", "source")
    command("sign-draw", draw=True, lottery=True)
    command("reveal", draw=True)
    command("cancel", draw=True, reason=True)
    command("open", "source")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run one command, and return its exit status."""
    voice = Voice()
    # Before the rest is read: what is wrong with it must be said in this language.
    if "--lang=en" in arguments or ("--lang", "en") in {
        (arguments[n - 1], arguments[n]) for n in range(1, len(arguments))
    }:
        voice.language = "en"
    try:
        options = parse(arguments)
        home = Home(getattr(options, "home", Path.home() / ".assemblee-witness"))
        status: int = getattr(Commands(voice, home), options.command.replace("-", "_"))(options)
    except Halt as halt:
        voice.say(halt.code, **halt.values)
        return halt.status
    except KeyboardInterrupt:
        return TROUBLE
    return status


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        # Windows would choose an encoding without the dash of a signature.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", newline="\n")
    sys.exit(main(sys.argv[1:]))
