/** Shells that completion is made for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof SHELLS)[number];

const BASH = `# airfleet completion for bash. Load it with: source <(airfleet completion bash)
_airfleet() {
  local current="\${COMP_WORDS[COMP_CWORD]}" line
  COMPREPLY=()
  while IFS=$'\\t' read -r line _; do
    if [ "$line" = ":files" ]; then
      compopt -o default 2>/dev/null
      COMPREPLY=()
      return
    fi
    COMPREPLY+=("$line")
  done < <(airfleet __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  COMPREPLY=($(compgen -W "\${COMPREPLY[*]}" -- "$current"))
}
complete -F _airfleet airfleet
`;

const ZSH = `#compdef airfleet
# airfleet completion for zsh. Load it with: source <(airfleet completion zsh)
_airfleet() {
  local -a candidates
  local word description
  while IFS=$'\\t' read -r word description; do
    if [[ "$word" == ":files" ]]; then
      _files
      return
    fi
    candidates+=("\${word//:/\\\\:}\${description:+:$description}")
  done < <(airfleet __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe 'airfleet' candidates
}
if [ "\${funcstack[1]}" = "_airfleet" ]; then
  _airfleet "$@"
else
  compdef _airfleet airfleet
fi
`;

const FISH = `# airfleet completion for fish. Load it with: airfleet completion fish | source
function __airfleet_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (airfleet __complete -- $words[2..-1] 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c airfleet -f -a '(__airfleet_complete)'
`;

const POWERSHELL = `# airfleet completion for PowerShell. Load it with: airfleet completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName airfleet -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    if ($wordToComplete -eq '') { $words += '""' }
    airfleet __complete -- @words 2>$null | ForEach-Object {
        $word, $description = $_ -split "\`t", 2
        if ($word -like "$wordToComplete*" -and $word -ne ':files') {
            if (-not $description) { $description = $word }
            [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $description)
        }
    }
}
`;

/** What a shell loads so that Tab asks \`airfleet __complete\`. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
  powershell: POWERSHELL,
};
