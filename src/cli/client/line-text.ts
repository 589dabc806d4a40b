import pc from 'picocolors'
import type { TailLine } from '../../api/v1/schemas.ts'
import { nameColor } from '../../lib/name-color.ts'
import { visibleText } from '../../lib/visible-text.ts'

/** Longer names are not waited for: the others would stand at the far right for their sake. */
const maxNameWidth = 24

export interface LineTextOptions {
  /** Colours, and nothing of a line that a terminal would act upon. */
  readonly isTerminal: boolean
  readonly isColored: boolean
  readonly hasTimes: boolean
}

/** Lines for people: name of the container, `|` for stdout or `!` for stderr, and the text, one below the other. */
export class LineText {
  readonly #options: LineTextOptions
  readonly #colors: ReturnType<typeof pc.createColors>
  #nameWidth = 0

  constructor(options: LineTextOptions) {
    this.#options = options
    this.#colors = pc.createColors(options.isColored)
  }

  of({ time, container, stream, text, cutBytes, flags = [] }: TailLine): string {
    const { isTerminal, hasTimes } = this.#options
    const { dim, red } = this.#colors
    const safe = isTerminal ? visibleText : (raw: string) => raw
    const name = safe(container)
    this.#nameWidth = Math.max(this.#nameWidth, Math.min(name.length, maxNameWidth))
    const paint = this.#colors[nameColor(name)]
    const mark = stream === 'stderr' ? red('!') : paint('|')
    const shown = isTerminal ? text.replace(/\r$/, '') : text
    const notes = [...flags, ...(cutBytes === undefined ? [] : [`${cutBytes} bytes more`])]
    const told = notes.length === 0 ? '' : ` ${dim(`[${notes.join(', ')}]`)}`
    return `${hasTimes ? `${dim(time)} ` : ''}${paint(name.padEnd(this.#nameWidth))} ${mark} ${safe(shown)}${told}`
  }
}
