"""Signatures on paper: printed sheets, what two people read on them, samples that guarantors check."""
