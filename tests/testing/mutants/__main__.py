"""
Print the table of bugs that the kit finds: `python -m tests.testing.mutants`.
"""

from __future__ import annotations

from tests.testing.mutants.table import lines


def main() -> None:
    """
    Look for each bug, and print what is found.
    """
    for line in lines():
        print(line, flush=True)


if __name__ == "__main__":
    main()
