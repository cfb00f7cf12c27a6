"""The public site: home, a mandate's own page, a person's page, and the pages that a footer owes."""
