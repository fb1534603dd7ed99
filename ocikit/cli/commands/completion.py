"""
`ocikit completion`.
"""

from __future__ import annotations

from typing import Final

import click

from ocikit.cli.shared import shared_options

#: Where a shell asks for completions, as click has it.
VARIABLE: Final = "_OCIKIT_COMPLETE"
#: Bash breaks words at colons, of which places are full: what it gets is cut to that.
_BASH: Final = """\
_ocikit_completion() {
    local line="${COMP_LINE:0:$COMP_POINT}" IFS=$' \\t' words kind value begun
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    begun="${words[-1]}"
    COMPREPLY=()
    while IFS=, read -r kind value; do
        [[ $value == *[:/] ]] && compopt -o nospace
        [[ $begun == *:* && $COMP_WORDBREAKS == *:* ]] && value="${value#"${begun%:*}:"}"
        case $kind in
            dir) COMPREPLY=(); compopt -o dirnames ;;
            file) COMPREPLY=(); compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done < <(env COMP_WORDS="$line" COMP_CWORD=$((${#words[@]} - 1)) \
_OCIKIT_COMPLETE=bash_complete "$1")
}
complete -o nosort -F _ocikit_completion ocikit
"""
#: What shows descriptions in click's scripts, and what does not.
_DESCRIBED: Final = {
    "zsh": ('[[ "$descr" == "_" ]]', "true"),
    "fish": ("echo $metadata[2]", "echo (string split \\t -- $metadata[2])[1]"),
    "powershell": ("'ParameterValue', $tip)", "'ParameterValue', $value)"),
}


@click.command()
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
@click.option("--no-descriptions", is_flag=True, help="Show no words about what is completed.")
@shared_options
def command(shell: str, no_descriptions: bool) -> None:
    """
    Print a script by which SHELL (bash, zsh, fish, powershell) completes commands and places.

    \b
      source <(ocikit completion bash)                     in ~/.bashrc
      source <(ocikit completion zsh)                      in ~/.zshrc
      ocikit completion fish > ~/.config/fish/completions/ocikit.fish
      ocikit completion powershell | Out-String | Invoke-Expression  in $PROFILE
    """
    from click.shell_completion import get_completion_class

    from ocikit.cli.powershell import register
    from ocikit.cli.program import cli

    if shell == "bash":
        click.echo(_BASH, nl=False)
        return
    register()
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(cli, {}, "ocikit", VARIABLE).source()
    if no_descriptions:
        script = script.replace(*_DESCRIBED[shell])
    click.echo(script)
