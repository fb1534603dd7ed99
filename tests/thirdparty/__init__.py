"""
A project of somebody else, which tests what it does with the kit from the wheel.
"""
