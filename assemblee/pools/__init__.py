"""Registers of volunteers, the categories they are described by, and the quotas of those categories.

A *pool* belongs to a mandate. A *volunteer* is a row with one value a category; withdrawn, the row stays but
takes part in no draw; erased, the person is gone and only the row's number is left. A *quota* is the least
and the most people of one value that a panel may hold.
"""
