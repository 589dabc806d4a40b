import pc from 'picocolors'
import type { Observed, TestResult } from '../../app/line-tests/run-tests.ts'
import { visibleText } from '../../lib/visible-text.ts'
import { hasColors } from '../colors.ts'
import { differenceOf } from './difference.ts'

const colors = pc.createColors(hasColors())

/** A line for a test that has passed; for one that has not, what is different where. */
export function resultText({ name, observed, hasPassed }: TestResult): string {
  if (hasPassed) return `${colors.green('ok')}      ${name}`
  return [`${colors.red('FAILED')}  ${name}`, ...observed.flatMap(observedText)].join('\n')
}

function observedText({ name, expected, seen, failure }: Observed): readonly string[] {
  if (failure !== undefined) return [`  ${name}: ${failure}`]
  const lines = differenceOf(expected, seen)
  if (lines.every(({ mark }) => mark === ' ')) return []
  return [
    `  ${name}: ${colors.red('- expected')}, ${colors.green('+ came')}`,
    ...lines.map(({ mark, text }) => {
      const shown = `    ${mark} ${visibleText(text)}`
      return mark === ' ' ? shown : mark === '-' ? colors.red(shown) : colors.green(shown)
    }),
  ]
}
