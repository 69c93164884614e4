"""Wrong functions, each under the sentence that names it."""
