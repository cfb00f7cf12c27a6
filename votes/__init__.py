"""Votes that anyone can count again: a pure package without web, database or clock.

Nothing is imported here, so that ``python -m votes verify`` runs with nothing but the standard library; take
names from the modules, as in ``from votes.majority import judge``.
"""
