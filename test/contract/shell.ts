import type { Step } from '../../src/simulator/programs.ts'

/** The command that does in a real container (busybox) what `steps` do in a simulated one. */
export function shellCommand(steps: readonly Step[]): string[] {
  // The first process of a container ignores signals that it has no handler for; a simulated program ends on these.
  const defaults = "trap 'exit 143' TERM; trap 'exit 130' INT"
  return ['sh', '-c', [defaults, ...steps.map(shellStep)].join('\n')]
}

function shellStep(step: Step): string {
  if ('print' in step) return each(step.to, `printf '${octal(Buffer.from(step.print))}'`)
  if ('base64' in step) return each(step.to, `printf '${octal(Buffer.from(step.base64, 'base64'))}'`)
  if ('fill' in step) return each(step.to, `head -c ${step.fill} /dev/zero | tr '\\0' x`)
  if ('lines' in step) return lines(step)
  // A shell handles signals between commands, and at once only in `wait`.
  if ('sleepMs' in step) return `sleep ${step.sleepMs / 1000} & wait $!`
  if ('onTerm' in step) return `trap "printf '${octal(Buffer.from(step.onTerm))}'; exit ${step.exit}" TERM`
  if ('ignoreSignals' in step) return "trap '' TERM INT QUIT HUP USR1 USR2"
  if ('exit' in step) return `exit ${step.exit}`
  return 'while :; do sleep 1000 & wait $!; done'
}

function lines({ lines: count, prefix = 'n', everyMs = 0, padTo = 0, to }: Extract<Step, { lines: number }>): string {
  if (everyMs > 0) {
    const pause = `usleep ${Math.round(everyMs * 1000)}`
    const print = each(to, `echo "${prefix}$i"`)
    return `i=0; while [ $i -lt ${count} ]; do i=$((i+1)); ${print.replaceAll('\n', '; ')}; ${pause}; done`
  }
  const line = `s="${prefix}" i; while (length(s)<${padTo}) s=s "."; print s`
  const copy = to === 'both' ? '; print s > "/dev/stderr"' : ''
  const target = to === 'stderr' ? ' >&2' : ''
  return `awk 'BEGIN{for(i=1;i<=${count};i++){${line}${copy}}}'${target}`
}

function each(to: 'stdout' | 'stderr' | 'both' | undefined, command: string): string {
  if (to === 'both') return `${command}\n{ ${command}; } >&2`
  return to === 'stderr' ? `{ ${command}; } >&2` : command
}

/** For printf, inside of single or double quotes. */
function octal(bytes: Buffer): string {
  return Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}
