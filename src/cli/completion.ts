import { Argument, Command } from 'commander'
import { printLine } from './print.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

export function completionVerb(program: Command): Command {
  return new Command('completion')
    .description('print a completion script for your shell')
    .addArgument(new Argument('<shell>').choices(shells))
    .addHelpText(
      'after',
      `
Examples:
  source <(log-capturer completion bash)
  log-capturer completion zsh > "\${fpath[1]}/_log-capturer"
  log-capturer completion fish > ~/.config/fish/completions/log-capturer.fish`,
    )
    .action((shell: Shell) => printLine(scripts[shell](verbsOf(program))))
}

/** A word that the shell may offer. */
interface Word {
  readonly text: string
  readonly description: string
}

interface VerbWords extends Word {
  readonly flags: readonly Word[]
  readonly choices: readonly string[]
}

function verbsOf(program: Command): readonly VerbWords[] {
  const help = program.createHelp()
  return help.visibleCommands(program).map((command) => ({
    text: command.name(),
    description: command.description(),
    flags: help.visibleOptions(command).map(({ long, description }) => ({ text: long ?? '', description })),
    choices: command.name() === 'help' ? verbNames(program) : (command.registeredArguments[0]?.argChoices ?? []),
  }))
}

function verbNames(program: Command): readonly string[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name())
}

const scripts: Readonly<Record<Shell, (verbs: readonly VerbWords[]) => string>> = {
  bash: (verbs) => `_log_capturer() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${[...verbs.map(({ text }) => text), '--help', '--version'].join(' ')}"
  else
    case "\${COMP_WORDS[1]}" in
${verbs.map((verb) => `      ${verb.text}) words="${wordsOf(verb)}" ;;`).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _log_capturer log-capturer`,

  zsh: (verbs) => `#compdef log-capturer
_log-capturer() {
  if (( CURRENT == 2 )); then
    local -a verbs=(${verbs.map(({ text, description }) => quoted(`${text}:${description}`)).join(' ')})
    _describe verb verbs
    return
  fi
  case "$words[2]" in
${verbs.map((verb) => `    ${verb.text}) compadd -- ${wordsOf(verb)} ;;`).join('\n')}
  esac
  _files
}
compdef _log-capturer log-capturer`,

  fish: (verbs) => verbs.flatMap(fishLines).join('\n'),
}

function fishLines({ text, description, flags, choices }: VerbWords): readonly string[] {
  const inVerb = `complete -c log-capturer -n '__fish_seen_subcommand_from ${text}'`
  return [
    `complete -c log-capturer -n __fish_use_subcommand -a ${text} -d ${quoted(description)}`,
    ...choices.map((choice) => `${inVerb} -a ${choice}`),
    ...flags.map((one) => `${inVerb} -l ${one.text.replace(/^--/, '')} -d ${quoted(one.description)}`),
  ]
}

function wordsOf({ flags, choices }: VerbWords): string {
  return [...choices, ...flags.map(({ text }) => text)].join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
