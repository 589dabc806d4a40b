import { defineTransform, type Joiner } from '../../component/transform.ts'
import { EventJoining } from './joining.ts'
import { lineRuleOf } from './line-rule.ts'
import { options } from './schema.ts'

export const multiline = defineTransform({
  name: 'multiline',
  summary: 'Makes one line of stack traces and other events that were written as several.',
  options,
  holdsBack: true,
  examples: [
    {},
    { presets: ['java', 'python'], flush_after: '500ms' },
    { start: ['^[0-9]{4}-[0-9]{2}-[0-9]{2}'] },
    { presets: ['java'], continue: ['^\\+ '], max_lines: 100 },
  ],
  create(written, { id, metrics }): Joiner {
    const rule = lineRuleOf(written)
    const { flush_after: flushMs, max_lines: maxLines, max_bytes: maxBytes } = written
    metrics.linesHeld.inc({ transform: id }, 0)
    return {
      begin: () =>
        new EventJoining({
          ...{ id, rule, flushMs, maxLines, maxBytes },
          tell({ joined, cut, held }) {
            if (joined > 0) metrics.linesJoined.inc({ transform: id }, joined)
            if (held !== 0) metrics.linesHeld.inc({ transform: id }, held)
            for (const limit of ['lines', 'bytes', 'memory'] as const)
              if (cut[limit] > 0) metrics.eventsCut.inc({ transform: id, limit }, cut[limit])
          },
        }),
    }
  },
})
