"""
`ocikit tree`.
"""

from __future__ import annotations

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit
from ocikit.cli.shared import result_format, shared, shared_options


@click.command()
@click.argument("image", shell_complete=places)
@click.option("--no-referrers", is_flag=True, help="Do not ask what refers to it.")
@click.option(
    "--output",
    type=click.Choice(["text", "json", "dot", "mermaid"]),
    help="A tree, JSON, or a graph for Graphviz or Mermaid.  [default: text]",
)
@click.option(
    "--svg", type=click.Path(dir_okay=False), metavar="FILE", help="Write a drawing; - is stdout."
)
@shared_options
def command(image: str, no_referrers: bool, output: str | None, svg: str | None) -> None:
    """
    Show what IMAGE consists of: platforms, configurations, layers, and what refers to them.

    What is in several places is opened up in the first. Registries and layouts are asked
    what refers to each manifest, such as signatures, and what refers to that.

    \b
      ocikit tree debian:12
      ocikit tree --svg tree.svg registry.example/app:1
      ocikit tree --output dot oci:out:1 | dot -Tpng -o tree.png
    """
    from ocikit.cli.pictures import drawn, write
    from ocikit.cli.progress import doing, shown
    from ocikit.crane.looking import surroundings
    from ocikit.crane.places import load
    from ocikit.picture.graph import graph
    from ocikit.picture.text_graph import dot, mermaid

    if output in ("json", "text"):
        result_format(output)
    with shown() as known, doing("asking"):
        content = load(image, known)
        related = {} if no_referrers else surroundings(image, content, known)
        found = graph(content, image, referrers=related)
    if svg is not None:
        from ocikit.picture.svg import svg as draw

        write(svg, draw(found))
        return
    if output in ("dot", "mermaid"):
        click.echo(dot(found) if output == "dot" else mermaid(found))
    elif shared().output == "json":
        from ocikit.cli.picture_facts import graph as members

        emit("", place=image, **members(found))
    else:
        emit(drawn(found))
