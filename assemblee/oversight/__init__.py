"""The guarantors' desk: they see every act of every room, sign, stop and object, and change nothing.

A *witness key* is the Ed25519 key that a guarantor keeps on their own machine; a *task* is what a draw awaits
from one guarantor now.
"""
