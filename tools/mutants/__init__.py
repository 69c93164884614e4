"""`make mutants`: plant one small mistake at a time, and see which of them no test notices."""
