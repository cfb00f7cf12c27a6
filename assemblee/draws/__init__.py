"""The draws by lot: prepared, checked, turned into a lottery, rehearsed, and held once.

A *draw* freezes people, quotas, size and rule. Its *lottery* is a list of panels with whole numbers of
tickets. A *rehearsal* (dry run) picks a ticket and writes nothing to the pool; a draw is *held* once.
"""
