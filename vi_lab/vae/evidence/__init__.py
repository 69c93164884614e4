"""What a decoder's data are worth: log p(x), the two gaps and the ledger of every datum."""
