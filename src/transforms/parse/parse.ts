import type { Batch } from '../../batch/batch.ts'
import { FieldsBuilder } from '../../batch/fields/fields-builder.ts'
import { lineFlags } from '../../batch/flags.ts'
import { defineTransform } from '../../component/transform.ts'
import { Bug } from '../../lib/error.ts'
import { accessLogParser } from './access-log.ts'
import { capturesParser } from './captures.ts'
import { criParser } from './cri.ts'
import { jsonParser } from './json.ts'
import { keyValueParser } from './key-value.ts'
import { parseLogfmt } from './logfmt.ts'
import { fieldPatternOf, options, type ParseOptions } from './schema.ts'
import { syslogParser } from './syslog.ts'
import { type Parser, Target } from './target.ts'

export const parse = defineTransform({
  name: 'parse',
  summary: 'Finds fields in lines: JSON, logfmt, access logs, syslog, patterns and more.',
  options,
  examples: [
    { format: 'json' },
    { format: 'logfmt', fields: ['level', 'msg'], prefix: 'app.' },
    { format: 'combined' },
    { format: 'syslog' },
    { format: 'cri' },
    { format: 'regex', pattern: '^(?P<level>[A-Z]+):? (?P<message>.*)' },
    {
      format: 'grok',
      pattern: 'by %{CUSTOMER:customer} in %{NUMBER:ms:float} ms',
      patterns: { CUSTOMER: 'cust-[0-9]+' },
    },
    { format: 'key_value', pair_separator: ',', key_value_separator: ':' },
  ],
  create: (given, { id, metrics }) => {
    const parser = parserOf(given)
    const builder = new FieldsBuilder()
    const target = new Target(builder, given)
    const failures = (lines: number) => metrics.parseFailures.inc({ transform: id }, lines)
    failures(0)
    return {
      apply: (batch) => {
        builder.begin(batch.count, batch.fields)
        const failed = parseRows(batch, given.from, { parser, builder, target })
        if (failed > 0) failures(failed)
        const fields = builder.finish()
        return fields === undefined ? batch : batch.withFields(fields)
      },
    }
  },
})

function parserOf(given: ParseOptions): Parser {
  const { format } = given
  switch (format) {
    case 'json':
      return jsonParser()
    case 'logfmt':
      return parseLogfmt
    case 'clf':
    case 'combined':
      return accessLogParser(format)
    case 'syslog':
      return syslogParser()
    case 'cri':
      return criParser()
    case 'key_value':
      return keyValueParser({
        pairSeparator: given.pair_separator ?? ' ',
        keyValueSeparator: given.key_value_separator ?? '=',
        quotes: given.quotes ?? '"',
      })
    case 'regex':
    case 'grok': {
      const pattern = fieldPatternOf(given)
      // The schema has refused those that are none.
      if ('message' in pattern) throw new Bug(pattern.message)
      return capturesParser(pattern.compiled, pattern.captures)
    }
  }
}

interface Parsing {
  readonly parser: Parser
  readonly builder: FieldsBuilder
  readonly target: Target
}

/** @returns how many rows were not of the format; they keep what they had */
function parseRows(batch: Batch, from: string | undefined, { parser, builder, target }: Parsing): number {
  const { count, bytes, fields, columns } = batch
  const { start, end, flags } = columns
  const source = from === undefined ? -1 : (fields?.indexOf(from) ?? -1)
  let failed = 0
  for (let row = 0; row < count; row++) {
    builder.row()
    if ((flags[row]! & lineFlags.dropped) !== 0) continue
    let isParsed: boolean
    if (from === undefined) isParsed = parser(bytes, start[row]!, end[row]!, target)
    else {
      const value = source === -1 ? -1 : fields!.find(row, source)
      // Where there is no such field there is nothing to parse.
      if (value === -1) continue
      isParsed = parser(fields!.bytes, fields!.columns.start[value]!, fields!.columns.end[value]!, target)
    }
    if (isParsed) continue
    builder.redo()
    failed += 1
  }
  return failed
}
