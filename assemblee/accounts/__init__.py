"""People and their sign-ins.

An *account* is an e-mail address that can sign in: staff by password, citizens by a one-time link.
A *sign-in* is a row of its own, so that signing out, disabling an account or changing a password
really ends it. Which part an account holds in a mandate is the business of the room `mandates`.
"""
