import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as transforms from '../../../src/transforms/registry.ts'
import type { Stage } from '../stage.ts'
import { joining, joiningRows } from './joining.ts'
import * as rows from './row-functions.ts'
import { type Shaping, stagesOf } from './stages-of.ts'

const nowhere = 'no line has this in it'
const { dedupe, enrich, fields, filter, level, parse, redact, route, sample, script } = transforms
const { template, tenant, throttle, timestamp } = transforms

const shapings: readonly Shaping[] = [
  {
    name: 'filter',
    what: 'a text that is nowhere',
    create: (context) => filter.create(filter.options.parse({ exclude: [nowhere] }), context),
    rows: () => rows.filterRows(nowhere),
  },
  {
    name: 'route',
    what: 'a text that is nowhere, and all others',
    create: (context) => route.create(route.options.parse({ routes: { found: { include: [nowhere] } } }), context),
    rows: () => rows.routeRows(nowhere),
  },
  {
    name: 'sample',
    what: 'one in ten',
    create: (context) => sample.create(sample.options.parse({ one_in: 10 }), context),
    rows: () => rows.sampleRows(10),
  },
  {
    name: 'throttle',
    what: '100 lines a second',
    create: (context) => throttle.create(throttle.options.parse({ lines_per_second: 100 }), context),
    rows: () => rows.throttleRows(100, 1_000),
  },
  {
    name: 'dedupe',
    what: 'nothing comes again',
    create: (context) => dedupe.create(dedupe.options.parse({}), context),
    rows: rows.dedupeRows,
  },
  {
    name: 'redact',
    what: 'the rules that hold where none is named',
    create: (context) => redact.create(redact.options.parse({}), context),
    rows: rows.redactRows,
  },
  {
    name: 'parse',
    what: 'JSON, level and message of the half of lines that are',
    create: (context) => parse.create(parse.options.parse({ format: 'json', fields: ['level', 'message'] }), context),
    rows: () => rows.parseRows(['level', 'message']),
  },
  {
    name: 'timestamp',
    what: 'the time that half of the lines have as a field',
    parsed: ['time'],
    create: (context) => timestamp.create(timestamp.options.parse({ outside: 'keep' }), context),
    rows: rows.timestampRows,
  },
  {
    name: 'level',
    what: 'what lines say, half of them none',
    create: (context) => level.create(level.options.parse({}), context),
    rows: rows.levelRows,
  },
  {
    name: 'fields',
    what: 'one set and one renamed, of lines of which half have two',
    parsed: ['level', 'message'],
    create: (context) =>
      fields.create(
        fields.options.parse({ set: { place: '{host}/{container.name}' }, rename: { message: 'msg' } }),
        context,
      ),
    rows: rows.fieldsRows,
  },
  {
    name: 'template',
    what: "the container's name before the text",
    create: (context) => template.create(template.options.parse({ text: '{container.name}: {text}' }), context),
    rows: rows.templateRows,
  },
  {
    name: 'enrich',
    what: 'two fields from a table of a thousand services',
    create: (context, folder) => {
      const file = join(folder, 'services.csv')
      writeFileSync(
        file,
        ['name,team,tier', ...services.map(([name, row]) => `${name},${row.team},${row.tier}`)].join('\n'),
      )
      return enrich.create(enrich.options.parse({ file, by: '{container.name}' }), context)
    },
    rows: () => rows.enrichRows(new Map(services)),
  },
  {
    name: 'tenant',
    what: "the container's name",
    create: (context) => tenant.create(tenant.options.parse({ from: '{container.name}' }), context),
    rows: rows.tenantRows,
  },
  {
    name: 'script',
    what: 'the example, which looks at fields and text',
    create: (context) => script.create(script.options.parse({ file: 'docs/examples/shape.mjs' }), context),
  },
]

const services = ['shop-web-1', ...Array.from({ length: 999 }, (_, i) => `service-${i}`)].map(
  (name, i) => [name, { team: `team-${i % 40}`, tier: String(i % 3) }] as const,
)

export const shaping: readonly Stage[] = [...shapings.flatMap(stagesOf), joining, joiningRows]
