"""
Bugs that are planted, to see that the kit finds them: `python -m tests.testing.mutants`.
"""
