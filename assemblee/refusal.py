"""What an action answers when it must not do what it was asked."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """An act that the rules do not allow, as a code and its parameters.

    Parameters
    ----------
    code : str
        Stable name of the reason; `errors.MESSAGES` holds its sentence.
    status : int
        HTTP status of the page that shows it (409 unless told otherwise).
    **parameters : object
        Values that the sentence names; never personal data.
    """

    def __init__(self, code: str, *, status: int = 409, **parameters: object) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.parameters = parameters
