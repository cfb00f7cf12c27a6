"""A security key in software, for tests: WebAuthn Level 2, sections 6.1, 6.5.4 and 8.7."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

PRESENT, ATTESTED = 0x01, 0x40


class SoftKey:
    """A key on P-256 that signs whatever it is asked, for whatever origin it is told."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.count = 0

    def _public_key(self) -> bytes:
        numbers = self.private.public_key().public_numbers()
        # RFC 9053, sections 2.1 and 7.1.1: key type EC2, algorithm ES256, curve P-256, x, y.
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})

    def _data(self, party: str, flags: int) -> bytes:
        return hashlib.sha256(party.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _answer(self, response: dict[str, bytes]) -> str:
        name = bytes_to_base64url(self.credential_id)
        fields = {field: bytes_to_base64url(value) for field, value in response.items()}
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": fields})

    def create(self, options: str, origin: str, /, **changes: str) -> str:
        """Answer `navigator.credentials.create`."""
        asked: dict[str, Any] = json.loads(options)
        described = len(self.credential_id).to_bytes(2, "big") + self.credential_id + self._public_key()
        data = self._data(changes.get("party", asked["rp"]["id"]), PRESENT | ATTESTED) + bytes(16) + described
        client = client_data("webauthn.create", asked["challenge"], origin, changes)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({"clientDataJSON": client, "attestationObject": attestation})

    def get(self, options: str, origin: str, /, **changes: str) -> str:
        """Answer `navigator.credentials.get`."""
        asked: dict[str, Any] = json.loads(options)
        self.count += 1
        data = self._data(changes.get("party", asked["rpId"]), PRESENT)
        client = client_data("webauthn.get", asked["challenge"], origin, changes)
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": data, "signature": signature})


def client_data(kind: str, challenge: str, origin: str, changes: dict[str, str]) -> bytes:
    """Write what a browser says of the page that asks."""
    values = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
    return json.dumps({**values, **{name: text for name, text in changes.items() if name in values}}).encode()
