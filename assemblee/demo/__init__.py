"""A fictional constituency, to try everything on: nobody in it is real.

It is played through the rooms' own verbs. The mandate that goes on (`present`) is built before anything is
served; a neighbour's, which is over (`past`), is lived as long work, year by year.
"""
