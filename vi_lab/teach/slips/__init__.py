"""One slip: the right function computed with one place of its formula changed."""
