"""An answer: called, read as numbers, and shown in a sentence."""
