"""The rules for petitions: a document, its published versions, and what they say in plain words."""
