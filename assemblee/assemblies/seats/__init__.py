"""One seat: who is drawn or named for it, what they answer, how it changes, who comes next."""
