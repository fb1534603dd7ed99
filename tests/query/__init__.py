"""
Questions about content.
"""
