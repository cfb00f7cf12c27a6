"""The mandate: a representative, a territory, a term, and who holds which role in it.

Everything later belongs to a mandate, and a person sees and does only what a role in that mandate allows.
"""
