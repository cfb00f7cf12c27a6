"""Invitations by lot where an assembly that was opened lacks volunteers."""
