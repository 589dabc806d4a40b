import { Argument, Command } from 'commander'
import { printLine } from './print.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

export function completionVerb(_done: unknown, program: Command): Command {
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
  /** Of a verb that has verbs of its own. */
  readonly verbs: readonly VerbWords[]
}

function verbsOf(program: Command): readonly VerbWords[] {
  const help = program.createHelp()
  return help.visibleCommands(program).map((command) => ({
    text: command.name(),
    description: command.description(),
    flags: help.visibleOptions(command).map(({ long, description }) => ({ text: long ?? '', description })),
    choices: command.name() === 'help' ? verbNames(program) : (command.registeredArguments[0]?.argChoices ?? []),
    verbs: verbsOf(command),
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
${verbs.map((verb) => `      ${verb.text}) ${bashWords(verb)} ;;`).join('\n')}
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
${verbs.map((verb) => `    ${verb.text}) ${zshWords(verb)} ;;`).join('\n')}
  esac
  _files
}
compdef _log-capturer log-capturer`,

  fish: (verbs) => verbs.flatMap(fishLines).join('\n'),
}

function bashWords(verb: VerbWords): string {
  if (verb.verbs.length === 0) return `words="${wordsOf(verb)}"`
  const cases = verb.verbs.map((nested) => `${nested.text}) words="${wordsOf(nested)}" ;;`)
  return `words="${wordsOf(verb)}"; [ "$COMP_CWORD" -eq 2 ] || case "\${COMP_WORDS[2]}" in ${cases.join(' ')} esac`
}

function zshWords(verb: VerbWords): string {
  if (verb.verbs.length === 0) return `compadd -- ${wordsOf(verb)}`
  const cases = verb.verbs.map((nested) => `${nested.text}) compadd -- ${wordsOf(nested)} ;;`)
  return `if (( CURRENT == 3 )); then compadd -- ${wordsOf(verb)}; else case "$words[3]" in ${cases.join(' ')} esac; fi`
}

function fishLines(verb: VerbWords, _: number, all: readonly VerbWords[]): readonly string[] {
  const { text, description, verbs } = verb
  // `list` is a verb, and a verb of another one.
  const others = all.filter((one) => one.verbs.some((nested) => nested.text === text))
  const condition = [seen(text), ...others.map((other) => `not ${seen(other.text)}`)].join('; and ')
  return [
    `complete -c log-capturer -n __fish_use_subcommand -a ${text} -d ${quoted(description)}`,
    ...fishWords(verb, condition),
    ...verbs.flatMap((nested) => [
      `complete -c log-capturer -n '${condition}' -a ${nested.text} -d ${quoted(nested.description)}`,
      ...fishWords(nested, `${condition}; and ${seen(nested.text)}`),
    ]),
  ]
}

function seen(verb: string): string {
  return `__fish_seen_subcommand_from ${verb}`
}

function fishWords({ choices, flags }: VerbWords, condition: string): readonly string[] {
  const inVerb = `complete -c log-capturer -n '${condition}'`
  return [
    ...choices.map((choice) => `${inVerb} -a ${choice}`),
    ...flags.map((one) => `${inVerb} -l ${one.text.replace(/^--/, '')} -d ${quoted(one.description)}`),
  ]
}

function wordsOf({ flags, choices, verbs }: VerbWords): string {
  return [...verbs.map(({ text }) => text), ...choices, ...flags.map(({ text }) => text)].join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
