"""The bodies of a mandate: terms, seats, rotation, and the meetings that those who sit hold.

A *body* is what the charter describes (`ordinary-assembly`); a *term* is one of its runs, with a first and a
last day; a *seat* is one person's path in a term, from the invitation to the end; a *place* is the number of
the chair that a seat holds from the moment it is accepted, and that no two seats hold at once.
"""
