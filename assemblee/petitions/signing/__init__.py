"""Signing without an account: a form, a link, a code from a letter; a person counts once."""
