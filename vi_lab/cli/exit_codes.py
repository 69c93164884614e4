"""How a command ends."""

DONE = 0
WRONG = 1  # a ledger does not hold, a claim is wrong or a method broke down
BAD_INPUT = 2
INTERRUPTED = 130  # what was finished is kept and reported
