"""What stands for a voter or a ballot where neither may be named, byte by byte (`docs/consultations.md`)."""

from __future__ import annotations

import hashlib
import secrets

from votes.errors import VotesError

TOKEN_BYTES = 32
PREPARED_BYTES = 64
SALT_BYTES = 16
# Crockford's base32: without I, L, O and U, which are read as other signs or as words.
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP = 4
CODE_SYMBOLS = 20
RECEIPT_SYMBOLS = 12
RECEIPT_BITS = 60
SYMBOL_BITS = 5
LOOKALIKES = str.maketrans("OIL", "011")
# What people and the keyboards of phones put between the groups.
SEPARATORS = dict.fromkeys(map(ord, " \t\r\n\u00a0\u202f-\u2010\u2011\u2012\u2013\u2014\u2212"))


class BadCode(VotesError):  # noqa: N818 - it reads as what it says
    """A typed code that cannot be one: another length, or a sign that no code holds."""

    code = "vote-code-malformed"


class BadReceipt(VotesError):  # noqa: N818 - the same
    """A typed receipt that cannot be one."""

    code = "receipt-malformed"


def token_id(prepared: bytes) -> bytes:
    """Return the 32 bytes under which the ballot of a token lies in the box."""
    return hashlib.sha256(b"assemblee-token-1\n" + prepared).digest()


def _grouped(number: int, symbols: int) -> str:
    found = [SYMBOLS[number >> SYMBOL_BITS * place & 31] for place in range(symbols)][::-1]
    return "-".join("".join(found[start : start + GROUP]) for start in range(0, symbols, GROUP))


def _read(text: str, symbols: int) -> str | None:
    bare = text.translate(SEPARATORS)
    # Only then to upper case: letters of other alphabets would turn into ours.
    read = bare.upper().translate(LOOKALIKES) if bare.isascii() else ""
    return read if len(read) == symbols and set(read) <= set(SYMBOLS) else None


def new_code() -> str:
    """Return a random token code of 100 bits, as it is printed.

    Examples
    --------
    >>> len(new_code())
    24
    """
    return _grouped(secrets.randbits(SYMBOL_BITS * CODE_SYMBOLS), CODE_SYMBOLS)


def normalised(code: str) -> str:
    """Return the 20 symbols of a typed code.

    Raises
    ------
    BadCode

    Examples
    --------
    >>> normalised("o1l2-3456 789a-bcde-fghj")
    '01123456789ABCDEFGHJ'
    """
    read = _read(code, CODE_SYMBOLS)
    if read is None:
        raise BadCode(expected=CODE_SYMBOLS)
    return read


def message_of_code(code: str) -> bytes:
    """Return the prepared message, 64 bytes, of the token that comes as a typed code.

    Raises
    ------
    BadCode
    """
    return hashlib.sha512(b"assemblee-code-1\n" + normalised(code).encode()).digest()


def code_digest(code: str) -> str:
    """Return what may be stored of a code, in hexadecimal.

    Raises
    ------
    BadCode
    """
    return hashlib.sha256(b"assemblee-code-digest-1\n" + normalised(code).encode()).hexdigest()


def receipt(consultation: int, token: bytes, ballot: bytes) -> str:
    r"""Return the short code by which a voter finds a ballot on the board.

    Parameters
    ----------
    consultation : int
        Its number.
    token : bytes
        What `token_id` gave, 32 bytes.
    ballot : bytes

    Examples
    --------
    >>> receipt(1, bytes(32), b"\0\1")
    'VAW4-X4KH-NMH1'
    """
    digest = hashlib.sha256(b"assemblee-receipt-1\n%d\n" % consultation + token + ballot).digest()
    return _grouped(int.from_bytes(digest[:8]) >> 64 - RECEIPT_BITS, RECEIPT_SYMBOLS)


def read_receipt(text: str) -> str:
    """Return a typed receipt as `receipt` writes it.

    Raises
    ------
    BadReceipt

    Examples
    --------
    >>> read_receipt("abcd efgh jkmo")
    'ABCD-EFGH-JKM0'
    """
    read = _read(text, RECEIPT_SYMBOLS)
    if read is None:
        raise BadReceipt(expected=RECEIPT_SYMBOLS)
    return "-".join(read[start : start + GROUP] for start in range(0, RECEIPT_SYMBOLS, GROUP))


def board_leaf(token: bytes, ballot: bytes) -> bytes:
    """Return the data of a ballot's leaf on the board (RFC 6962, section 2.1, hashes it)."""
    return token + ballot


def commitment(consultation: int, voter: str, salt: bytes) -> bytes:
    """Return the 32 bytes that stand for a person on the public roll.

    Parameters
    ----------
    consultation : int
        Its number.
    voter : str
        What names the person in this installation.
    salt : bytes
        16 random bytes, for this person and this consultation alone.
    """
    return hashlib.sha256(b"assemblee-roll-1\n%d\n" % consultation + salt + voter.encode()).digest()
