"""Times of segregate beside its peers and its budgets; see README.md in this folder."""
