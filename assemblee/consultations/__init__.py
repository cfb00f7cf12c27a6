"""Votes of inhabitants and of bodies: consultations, their roll, their ballot box, the count and its proofs.

A *consultation* asks one thing of everybody on its *roll*. Who votes is *marked* on the roll; what they vote
goes into the *ballot box*, which knows neither who nor when. Guarantors start the count together.
"""
