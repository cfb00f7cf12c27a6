"""The desk against fraud: what looks alike, what is set aside and restored, reviews of what was opened."""
