"""The door of `python3 -m assemblee`, which opens on a machine that has nothing but Python."""

import sys

OLDEST = (3, 11)
# This file keeps to the syntax of older Pythons, so that they reach this sentence instead of an error.
TOO_OLD = (
    "Assemblée demande Python 3.11 ou plus récent ; celui-ci est Python {found}.\n"
    "Assemblée needs Python 3.11 or newer; this one is Python {found}."
)


def main() -> None:
    """Prepare what the command needs, then run it."""
    version = tuple(sys.version_info[:2])
    if version < OLDEST:
        raise SystemExit(TOO_OLD.format(found=".".join(str(part) for part in version)))

    from assemblee import bootstrap  # noqa: PLC0415 - an older Python must not read it

    status = bootstrap.launch(sys.argv[1:])
    if status is not None:
        raise SystemExit(status)

    from assemblee import discretion  # noqa: PLC0415 - the same
    from assemblee.cli import cli  # noqa: PLC0415 - only now is all that it imports there

    discretion.hush_process()

    cli(prog_name="assemblee")


if __name__ == "__main__":
    main()
