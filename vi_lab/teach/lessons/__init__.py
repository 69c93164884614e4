"""The bank: one file a lesson, with its EXERCISES, CHOICES and PREDICTIONS.

What such a file puts together stands in rooms: long exercises each with all that belongs to it, the
wrong functions of others, right ones, and right ones in other forms.
"""
