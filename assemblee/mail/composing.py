"""A letter as bytes, as mail servers take it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import HeaderParser
from email.policy import SMTP, SMTPUTF8

import idna

from assemblee.mail.models import Mail

# What an address may hold before its @ without quotation marks (RFC 5322, dot-atom; beyond ASCII, RFC 6532).
ATOM = r"[^\s\x00-\x20\x7f-\x9f()<>\[\]:;@\\,.\"]+"
LOCAL = re.compile(rf"{ATOM}(?:\.{ATOM})*")
HOST = re.compile(r"[a-z0-9.-]+")
# With it begins a word in disguise, which mail programs read as another.
ENCODED = "=?"
LONGEST_LOCAL = 64
CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")


class UnwritableError(Exception):
    """No letter can be made for this address, or of this text."""


@dataclass(frozen=True)
class Sender:
    """Who the letters are from: the header as it is shown, the bare address, and its domain in ASCII."""

    shown: Address
    address: str
    domain: str


@dataclass(frozen=True)
class Letter:
    """What is handed to a mail server.

    Parameters
    ----------
    sender, recipient : str
        Bare addresses; their domains in ASCII.
    content : bytes
        Headers and text.
    needs_utf8 : bool
        Whether only a server that knows SMTPUTF8 can take it.
    """

    sender: str
    recipient: str
    content: bytes
    needs_utf8: bool


def split_address(address: str) -> tuple[str, str]:
    """Return the two halves of an address, its domain in ASCII.

    Raises
    ------
    ValueError
        It is none that a letter can be written to.
    """
    local, _, domain = address.rpartition("@")
    if len(local.encode()) > LONGEST_LOCAL or ENCODED in local or not LOCAL.fullmatch(local):
        raise ValueError
    return local, idna.encode(domain, uts46=True).decode()


def read_sender(text: str) -> Sender:
    """Read the setting `mail_sender`: an address, perhaps with a name before it in the manner of a header.

    Raises
    ------
    ValueError
        It is no address. No letter is at fault then.
    """
    name, bracket, rest = text.partition("<")
    local, domain = split_address(rest.rstrip("> ") if bracket else text.strip())
    shown = Address(display_name=name.strip(' "') if bracket else "", username=local, domain=domain)
    return Sender(shown, shown.addr_spec, domain)


def compose(mail: Mail, sender: Sender) -> Letter:
    """Make a letter of a row of the outbox.

    Raises
    ------
    UnwritableError
        It cannot be made, whatever the library has against it.
    """
    try:
        return _compose(mail, sender)
    except Exception as error:  # of what people typed once, the library raises anything
        raise UnwritableError from error


def _compose(mail: Mail, sender: Sender) -> Letter:
    local, domain = split_address(mail.recipient)
    needs_utf8 = not local.isascii()
    policy = SMTPUTF8 if needs_utf8 else SMTP
    to = Address(username=local, domain=domain)
    message = EmailMessage(policy)
    message["From"] = sender.shown
    message["To"] = to
    message["Subject"] = CONTROLS.sub(" ", mail.subject)
    message["Date"] = mail.written_at
    message["Message-ID"] = f"<{mail.message_id}@{sender.domain}>"
    # So that notices of absence do not come back (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
    message.set_content(mail.body)
    content = message.as_bytes()
    # The library folds and encodes as it pleases: nobody but the recipient may be read in what comes out.
    headers = content.partition(b"\r\n\r\n")[0].decode()
    is_as_meant = HOST.fullmatch(domain) and f"\r\nTo: {to.addr_spec}\r\n" in headers
    if not is_as_meant:
        read = HeaderParser(policy=policy).parsestr(headers)["To"].addresses
        if [one.addr_spec for one in read] != [to.addr_spec]:
            raise ValueError
    return Letter(sender.address, to.addr_spec, content, needs_utf8)
