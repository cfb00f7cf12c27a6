"""Blind RSA signatures, RSABSSA-SHA384-PSS-Randomized of RFC 9474: a token is signed by who never sees it.

Integers of Python and `hashlib` alone. Python's integers take a time that depends on their values: what a
requester sends is multiplied by a secret number before the secret key meets it (`_power`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from math import gcd

from votes.errors import VotesError

HASH_BYTES = 48
SALT_BYTES = 48
PREFIX_BYTES = 32
FEWEST_BITS = 2048
MOST_BITS = 8192
FIRST_MASK = 0xFF
TRAILER = b"\xbc"


class BadKey(VotesError):  # noqa: N818 - it reads as what it says
    """The numbers are not an RSA key of 2,048 bits or more."""

    code = "blind-bad-key"


class BadInput(VotesError):  # noqa: N818 - the same
    """A message, a prefix, a salt or a blinding factor that RFC 9474 has no place for."""

    code = "blind-bad-input"


class BadLength(VotesError):  # noqa: N818 - the same
    """A blinded message or a signature that is not as long as the modulus (*unexpected input size*)."""

    code = "blind-bad-length"


class OutOfRange(VotesError):  # noqa: N818 - the same
    """A blinded message that is not below the modulus (*message representative out of range*)."""

    code = "blind-out-of-range"


class SigningFailed(VotesError):  # noqa: N818 - the same
    """The secret key made a signature that its public key refuses: nothing of it may be shown."""

    code = "blind-signing-failed"


class WrongSignature(VotesError):  # noqa: N818 - the same
    """What the signer gave back is no signature of this message (*invalid signature*)."""

    code = "blind-wrong-signature"


@dataclass(frozen=True)
class PublicKey:
    """An RSA public key.

    Parameters
    ----------
    n, e : int
        Modulus of 2,048 to 8,192 bits, and public exponent.

    Raises
    ------
    BadKey
    """

    n: int
    e: int

    def __post_init__(self) -> None:
        sound = self.n % 2 == 1 and self.e % 2 == 1 and 3 <= self.e < self.n  # noqa: PLR2004 - RFC 8017, 3.1
        if not sound or not FEWEST_BITS <= self.n.bit_length() <= MOST_BITS:
            raise BadKey(bits=self.n.bit_length(), e=self.e)

    @property
    def length(self) -> int:
        """How many bytes a blinded message and a signature have."""
        return (self.n.bit_length() + 7) // 8


@dataclass(frozen=True)
class SecretKey:
    """An RSA secret key with the two primes of its modulus; it does not print what is secret.

    Parameters
    ----------
    public : PublicKey
    d : int
        Secret exponent.
    p, q : int
        The primes, in any order.

    Raises
    ------
    BadKey
        If the numbers do not belong together.
    """

    public: PublicKey
    d: int = field(repr=False)
    p: int = field(repr=False)
    q: int = field(repr=False)

    def __post_init__(self) -> None:
        factors = 1 < self.p < self.public.n and self.p * self.q == self.public.n and gcd(self.p, self.q) == 1
        inverse = self.d * self.public.e - 1
        if not factors or inverse % (self.p - 1) or inverse % (self.q - 1):
            raise BadKey(bits=self.public.n.bit_length(), e=self.public.e)


@dataclass(frozen=True)
class Blinded:
    """What the signer is sent, and what its sender keeps.

    Parameters
    ----------
    message : bytes
        The blinded message, as long as the modulus.
    inverse : int
        Takes the blinding off the signature; who holds it can link the two.
    """

    message: bytes
    inverse: int = field(repr=False)


def _mask(seed: bytes, length: int) -> bytes:
    """Return the mask of MGF1 with SHA-384 (RFC 8017, appendix B.2.1)."""
    blocks = -(-length // HASH_BYTES)
    return b"".join(hashlib.sha384(seed + block.to_bytes(4)).digest() for block in range(blocks))[:length]


def _mixed(one: bytes, two: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(two)).to_bytes(len(one))


def _digest(prepared: bytes, salt: bytes) -> bytes:
    return hashlib.sha384(bytes(8) + hashlib.sha384(prepared).digest() + salt).digest()


def _encoded(prepared: bytes, salt: bytes, bits: int) -> bytes:
    """Return EMSA-PSS-ENCODE of a message for `bits` bits (RFC 8017, section 9.1.1)."""
    length = (bits + 7) // 8
    digest = _digest(prepared, salt)
    block = bytes(length - SALT_BYTES - HASH_BYTES - 2) + b"\x01" + salt
    masked = _mixed(block, _mask(digest, len(block)))
    first = masked[0] & FIRST_MASK >> (8 * length - bits)
    return bytes([first]) + masked[1:] + digest + TRAILER


def _fits(prepared: bytes, encoded: bytes, bits: int) -> bool:
    """Say whether EMSA-PSS-VERIFY takes an encoded message (RFC 8017, section 9.1.2)."""
    length = (bits + 7) // 8
    masked, digest = encoded[: length - HASH_BYTES - 1], encoded[length - HASH_BYTES - 1 : -1]
    block = _mixed(masked, _mask(digest, len(masked)))
    salt = block[-SALT_BYTES:]
    # The encoding is a function of message and salt: a second one that compares whole bytes leaves no gap.
    return hmac.compare_digest(_encoded(prepared, salt, bits), encoded)


def prepare(message: bytes, prefix: bytes | None = None) -> bytes:
    """Return a message behind a random prefix (RFC 9474, section 4.1).

    Parameters
    ----------
    message : bytes
    prefix : bytes, optional
        32 bytes, for published vectors; random by default.

    Raises
    ------
    BadInput
        If the prefix has another length.
    """
    prefix = secrets.token_bytes(PREFIX_BYTES) if prefix is None else prefix
    if len(prefix) != PREFIX_BYTES:
        raise BadInput(what="prefix", found=len(prefix), expected=PREFIX_BYTES)
    return prefix + message


def _salted(key: PublicKey, prepared: bytes, salt: bytes | None) -> int:
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    if len(salt) != SALT_BYTES:
        raise BadInput(what="salt", found=len(salt), expected=SALT_BYTES)
    return int.from_bytes(_encoded(prepared, salt, key.n.bit_length() - 1))


def blind(
    key: PublicKey, prepared: bytes, *, salt: bytes | None = None, factor: int | None = None
) -> Blinded:
    """Hide a prepared message from who will sign it (RFC 9474, section 4.2).

    Parameters
    ----------
    key : PublicKey
        Of the signer.
    prepared : bytes
        What `prepare` gave.
    salt, factor : optional
        48 bytes, and a number below the modulus: for published vectors; random by default.

    Raises
    ------
    BadInput
        If message or factor share a prime with the modulus, which chance never brings about.
    """
    message = _salted(key, prepared, salt)
    factor = 1 + secrets.randbelow(key.n - 1) if factor is None else factor
    if not 1 <= factor < key.n or gcd(factor, key.n) != 1 or gcd(message, key.n) != 1:
        raise BadInput(what="factor")
    blinded = message * pow(factor, key.e, key.n) % key.n
    return Blinded(blinded.to_bytes(key.length), pow(factor, -1, key.n))


def _power(secret: SecretKey, message: int) -> int:
    """Return the secret power of a number (RSASP1), with the primes apart and the base blinded."""
    key = secret.public
    # Below the smaller prime, it shares none with the modulus.
    factor = 1 + secrets.randbelow(min(secret.p, secret.q) - 1)
    base = message * pow(factor, key.e, key.n) % key.n
    of_p = pow(base, secret.d % (secret.p - 1), secret.p)
    of_q = pow(base, secret.d % (secret.q - 1), secret.q)
    lift = (of_p - of_q) * pow(secret.q, -1, secret.p) % secret.p
    signature = (of_q + lift * secret.q) * pow(factor, -1, key.n) % key.n
    # A fault in one of the two halves would give the primes away to who sees the result.
    if pow(signature, key.e, key.n) != message:
        raise SigningFailed(bits=key.n.bit_length())
    return signature


def blind_sign(secret: SecretKey, blinded: bytes) -> bytes:
    """Sign a blinded message (RFC 9474, section 4.3).

    Parameters
    ----------
    secret : SecretKey
    blinded : bytes
        `Blinded.message` of who asks.

    Raises
    ------
    BadLength, OutOfRange
        If that is no blinded message under this key.
    SigningFailed
        If the computation went wrong.
    """
    key = secret.public
    if len(blinded) != key.length:
        raise BadLength(found=len(blinded), expected=key.length)
    message = int.from_bytes(blinded)
    if message >= key.n:
        raise OutOfRange(bits=key.n.bit_length())
    return _power(secret, message).to_bytes(key.length)


def finalize(key: PublicKey, prepared: bytes, blind_signature: bytes, inverse: int) -> bytes:
    """Take the blinding off a signature, and check it (RFC 9474, section 4.4).

    Parameters
    ----------
    key : PublicKey
    prepared : bytes
        What `blind` was given.
    blind_signature : bytes
        What `blind_sign` gave.
    inverse : int
        `Blinded.inverse`.

    Raises
    ------
    BadLength
    WrongSignature
    """
    if len(blind_signature) != key.length:
        raise BadLength(found=len(blind_signature), expected=key.length)
    signature = (int.from_bytes(blind_signature) * inverse % key.n).to_bytes(key.length)
    if not verify(key, prepared, signature):
        raise WrongSignature(bits=key.n.bit_length())
    return signature


def verify(key: PublicKey, prepared: bytes, signature: bytes) -> bool:
    """Say whether a signature is a key's, of a prepared message (RFC 9474, section 4.5; RFC 8017, 8.1.2)."""
    number = int.from_bytes(signature)
    if len(signature) != key.length or number >= key.n:
        return False
    bits = key.n.bit_length() - 1
    encoded = pow(number, key.e, key.n)
    return encoded.bit_length() <= bits and _fits(prepared, encoded.to_bytes((bits + 7) // 8), bits)


def sign(secret: SecretKey, prepared: bytes, *, salt: bytes | None = None) -> bytes:
    """Sign a prepared message in the open, as for a token that the signer makes itself (RFC 8017, 8.1.1).

    Parameters
    ----------
    secret : SecretKey
    prepared : bytes
    salt : bytes, optional
        48 bytes; random by default.

    Raises
    ------
    BadInput, SigningFailed
    """
    return _power(secret, _salted(secret.public, prepared, salt)).to_bytes(secret.public.length)
