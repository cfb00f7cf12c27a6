"""The command line: ``python -m votes tally|verify``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and return its exit status.

    The module of a command is imported when it runs: ``verify`` needs nothing but the standard library.
    """
    parser = argparse.ArgumentParser(prog="python -m votes", description="Votes that anyone can count again.")
    parser.add_argument("command", choices=("tally", "verify"), help="count ballots, or check an archive")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="see --help of the command")
    options = parser.parse_args(arguments)
    if options.command == "verify":
        from votes import verify  # noqa: PLC0415 - see above

        return verify.main(options.arguments)
    from votes import tally  # noqa: PLC0415 - see above

    return tally.main(options.arguments)


if __name__ == "__main__":
    sys.exit(main())
