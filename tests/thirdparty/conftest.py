"""
The project's own tests are run where only the installed package is.
"""

collect_ignore = ["project"]
