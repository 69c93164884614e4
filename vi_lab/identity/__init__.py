"""log p(x) = ELBO + KL: the ledger, its derivation line by line, and the check of both."""
