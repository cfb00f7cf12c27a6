"""What letters of every room share."""

from __future__ import annotations

GREETINGS = ("Bonjour,", "Hello,")


def addressed(letter: str, name: str | None) -> str:
    r"""Return a letter that greets somebody by their name, in both languages, if it is known.

    Several people may share a mailbox: each of them sees which letter is theirs.

    Examples
    --------
    >>> addressed("Bonjour,\n\nHello,\n", "Ana Un")
    'Bonjour Ana Un,\n\nHello Ana Un,\n'
    """
    if not name:
        return letter
    for greeting in GREETINGS:
        letter = letter.replace(greeting, f"{greeting.removesuffix(',')} {name},", 1)
    return letter
