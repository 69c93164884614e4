"""The bank: one module a lesson, with its EXERCISES, CHOICES and PREDICTIONS."""
