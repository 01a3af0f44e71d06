"""The definition of every index once more, from the papers, in plain Python loops.

Nothing here imports the package it judges, nor NumPy.
"""
