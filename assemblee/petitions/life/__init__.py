"""What becomes of a petition: its page and figures, the answers it gets, its deadlines, what is erased."""
