"""The named problems: a model with its real data and its priors under a short name.

spine        newcomb, darwin, correlated, coal
simple       coin, newcomb-independent, cars, trees, kidiq, polynomial, clutter
hidden       tiny-mixture, galaxies, old-faithful, iris, penguins
structured   eight-schools, challenger, bioassay, beetles, nile, probit, poisson, hmm
discrete     ising, denoise, sprinkler, asia, bars
decoder      digits
"""
