"""
Many small images, quickly: one layer, and a configuration for each.
"""

from __future__ import annotations

from random import Random

from ocikit import mutate
from ocikit.content import synthetic
from ocikit.registry.client import Client
from ocikit.registry.several import flush_all


def fleet(repository: str, count: int, client: Client | None = None) -> dict[str, str]:
    """
    Put so many images into a repository, tagged "0", "1"…; give the digest of each tag.
    """
    base = synthetic.image(Random(count))
    made = {str(number): mutate.config(base, cmd=[str(number)]) for number in range(count)}
    named = {f"{repository}:{tag}": image for tag, image in made.items()}
    flush_all(named, client=client or Client(jobs=16))
    return {tag: str(image.digest) for tag, image in made.items()}
