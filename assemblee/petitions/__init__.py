"""Petitions: an author writes one, sponsors carry it, a guarantor checks it, inhabitants sign it.

A *step* is a number of signatures that obliges somebody to something; reaching one is a *crossing*, and the
crossing of the step `assembly` opens an extraordinary assembly by itself.
"""
