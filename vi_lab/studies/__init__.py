"""Studies: rows over problems, methods, budgets and seeds, kept in a store that resumes."""
