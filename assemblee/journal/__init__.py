"""The append-only log of every act that matters.

A *leaf* is the canonical JSON of one act, written in the act's own transaction. The *tree head* is the
Merkle root over all leaves (RFC 6962), so that whoever noted an old root can tell if anything was rewritten.
Leaves hold numbers and codes, never personal data.
"""
