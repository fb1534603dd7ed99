"""
The kit that is given to others.
"""
