"""Methods, one file each: exact, Metropolis-Hastings, Gibbs, CAVI and what follows from them."""
