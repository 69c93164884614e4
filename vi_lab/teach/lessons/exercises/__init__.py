"""Exercises whose inputs, right function, mistakes and judge fill a file of their own."""
