"""
Completion in PowerShell, which click does not know by itself.
"""

from __future__ import annotations

import os
from typing import Any, ClassVar, Final

from click.shell_completion import CompletionItem, ShellComplete, add_completion_class

#: Words are told a line each, for they are parsed there: no quotes are left to be read here.
#: Where nothing is offered PowerShell goes on with files and folders by itself.
_SCRIPT: Final = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = $commandAst.CommandElements |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object {
            if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
                $_.Value
            } else {
                $_.ToString()
            }
        }
    $env:COMP_WORDS = @($words) -join "`n"
    $env:COMP_CWORD = "$wordToComplete".Trim("'", '"')
    $env:%(complete_var)s = 'powershell_complete'
    try {
        %(prog_name)s | ForEach-Object {
            $kind, $value, $tip = $_ -split "`t", 3
            if ($kind -eq 'plain') {
                $text = $value
                if ($value -match '[^\\w:/\\\\.@=+~-]' -or $value -match '^@') {
                    $text = "'" + $value.Replace("'", "''") + "'"
                }
                [System.Management.Automation.CompletionResult]::new(
                    $text, $value, 'ParameterValue', $tip)
            }
        }
    } finally {
        Remove-Item Env:COMP_WORDS, Env:COMP_CWORD, Env:%(complete_var)s `
            -ErrorAction SilentlyContinue
    }
}
"""


class PowerShell(ShellComplete):
    """
    What PowerShell asks, and how it is answered: kind, value and words about it, by tabs.
    """

    name: ClassVar[str] = "powershell"
    source_template: ClassVar[str] = _SCRIPT

    def get_completion_args(self) -> tuple[list[str], str]:
        """
        Give the words before the one that is completed, and that.
        """
        # A variable that is empty is none in PowerShell.
        _, *words = os.environ.get("COMP_WORDS", "").split("\n")
        return words, os.environ.get("COMP_CWORD", "")

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """
        Write a completion; one that nothing is said of is said itself, for a tip is never empty.
        """
        said = " ".join((item.help or str(item.value)).split())
        return f"{item.type}\t{item.value}\t{said}"


def register() -> None:
    """
    Let click know of it.
    """
    add_completion_class(PowerShell)
