import pc from 'picocolors'
import type { Batch } from '../../batch/batch.ts'
import { visibleFlags } from '../../batch/flags.ts'
import { nameColor } from '../../lib/name-color.ts'
import { formatTimestamp } from '../../lib/timestamp.ts'
import { visibleText } from '../../lib/visible-text.ts'

/** Longer names are not waited for: the others would stand at the far right for their sake. */
const maxNameWidth = 24
/** Time, container and text of a line, with the texts one below the other. `|` stands before what came on stdout, `!` before stderr. */
export class LineFormat {
  readonly #colors: ReturnType<typeof pc.createColors>
  #nameWidth = 0

  constructor(isColored: boolean) {
    this.#colors = pc.createColors(isColored)
  }

  line({ bytes, columns, origins }: Batch, index: number): string {
    const { container, stream } = origins[columns.origin[index]!]!
    const { dim, red } = this.#colors
    const time = `${formatTimestamp(columns.seconds[index]!, columns.nanos[index]!).slice(0, 23)}Z`
    const name = visibleText(container.name)
    this.#nameWidth = Math.max(this.#nameWidth, Math.min(name.length, maxNameWidth))
    const paint = this.#colors[nameColor(name)]
    const mark = stream === 'stderr' ? red('!') : paint('|')
    const text = visibleText(bytes.toString('utf8', columns.start[index], columns.end[index]).replace(/\r$/, ''))
    return `${dim(time)} ${paint(name.padEnd(this.#nameWidth))} ${mark} ${text}${this.#notes(columns.flags[index]!)}\n`
  }

  #notes(flags: number): string {
    const names = visibleFlags.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name)
    return names.length === 0 ? '' : ` ${this.#colors.dim(`[${names.join(', ')}]`)}`
  }
}
