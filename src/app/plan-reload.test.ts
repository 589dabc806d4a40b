import { expect, test } from 'vitest'
import { loadConfig } from '../config/load.ts'
import { isEmptyPlan, planReload, type ReloadPlan } from './plan-reload.ts'
import { registries } from './registries.ts'

interface Document {
  data_dir?: string
  sources: Record<string, object>
  transforms: Record<string, object>
  sinks: Record<string, object>
  api?: object
  log?: object
}

/** a -> only -> some, a -> all, b -> other */
const document = (): Document => ({
  sources: { a: { type: 'docker', host: 'unix:///a' }, b: { type: 'docker', host: 'unix:///b' } },
  transforms: { only: { type: 'filter', inputs: ['a'], include: ['x'] } },
  sinks: {
    all: { type: 'file', inputs: ['a'], path: '/logs/all' },
    some: { type: 'file', inputs: ['only'], path: '/logs/some' },
    other: { type: 'file', inputs: ['b'], path: '/logs/other' },
  },
})

const load = (written: Document) =>
  loadConfig({ registries, input: { kind: 'text', text: JSON.stringify(written), name: 'test' }, env: {} })

const empty: ReloadPlan = {
  sources: { added: [], removed: [], reopened: [] },
  sinks: { added: [], removed: [], replaced: [], resized: [] },
  transforms: [],
  isRewired: false,
  isApiMoved: false,
  isLogChanged: false,
  isTelemetryChanged: false,
  needsRestart: [],
}

type Row = [what: string, edit: (document: Document) => void, plan: Partial<ReloadPlan>]

const edited = (section: 'sources' | 'transforms' | 'sinks', id: string, fields: object) => (written: Document) =>
  void Object.assign(written[section][id]!, fields)

const rows: Row[] = [
  ['nothing', () => undefined, {}],
  ['defaults that are spelt out', edited('sources', 'a', { from: 'beginning', streams: ['stdout', 'stderr'] }), {}],
  [
    'keys in another order',
    (written) => (written.sinks['all'] = { path: '/logs/all', inputs: ['a'], type: 'file' }),
    {},
  ],
  ['options of a source', edited('sources', 'a', { from: 'now' }), { sources: { ...empty.sources, reopened: ['a'] } }],
  [
    'a sink behind an output of a new router',
    (written) => {
      written.transforms['ways'] = { type: 'route', inputs: ['b'], routes: { x: { include: ['x'] } } }
      written.sinks['more'] = { type: 'blackhole', inputs: ['ways.x'] }
    },
    {
      sources: { ...empty.sources, reopened: ['b'] },
      sinks: { ...empty.sinks, added: ['more'] },
      ...{ transforms: ['ways'], isRewired: true },
    },
  ],
  ['options of a transform', edited('transforms', 'only', { include: ['y'] }), { transforms: ['only'] }],
  ['options of a sink', edited('sinks', 'all', { path: '/x' }), { sinks: { ...empty.sinks, replaced: ['all'] } }],
  [
    'the type of a sink',
    (written) => (written.sinks['all'] = { type: 'blackhole', inputs: ['a'] }),
    { sinks: { ...empty.sinks, replaced: ['all'] } },
  ],
  [
    'the queue of a sink',
    edited('sinks', 'all', { queue: { memory: '8MiB' } }),
    { sinks: { ...empty.sinks, resized: ['all'] } },
  ],
  [
    'one more sink: its source is opened anew, the other is not',
    (written) => (written.sinks['more'] = { type: 'blackhole', inputs: ['only'] }),
    {
      sources: { ...empty.sources, reopened: ['a'] },
      sinks: { ...empty.sinks, added: ['more'] },
      isRewired: true,
    },
  ],
  [
    'a sink less',
    (written) =>
      delete written.sinks['some'] && void (written.sinks['all'] = { ...written.sinks['all'], inputs: ['a', 'only'] }),
    { sinks: { ...empty.sinks, removed: ['some'] }, isRewired: true },
  ],
  [
    'another way to the same sink: nothing is opened anew',
    edited('sinks', 'all', { inputs: ['only'] }),
    { isRewired: true },
  ],
  [
    'another way to the same sink that holds lines back: its places change, the source is opened anew',
    (written) => {
      written.transforms['whole'] = { type: 'multiline', inputs: ['a'] }
      written.sinks['all'] = { ...written.sinks['all'], inputs: ['whole'] }
    },
    { sources: { ...empty.sources, reopened: ['a'] }, transforms: ['whole'], isRewired: true },
  ],
  [
    'a sink that reads from one source more: that one is opened anew',
    edited('sinks', 'all', { inputs: ['a', 'b'] }),
    { sources: { ...empty.sources, reopened: ['b'] }, isRewired: true },
  ],
  [
    'a transform that reads from one source more',
    edited('transforms', 'only', { inputs: ['a', 'b'] }),
    { sources: { ...empty.sources, reopened: ['b'] }, isRewired: true },
  ],
  [
    'a transform more in between',
    (written) => {
      written.transforms['late'] = { type: 'filter', inputs: ['only'], exclude: ['z'] }
      written.sinks['some'] = { ...written.sinks['some'], inputs: ['late'] }
    },
    { transforms: ['late'], isRewired: true },
  ],
  [
    'another source in the place of one',
    (written) => {
      delete written.sources['b']
      written.sources['c'] = { type: 'docker', host: 'unix:///c' }
      written.sinks['other'] = { ...written.sinks['other'], inputs: ['c'] }
    },
    { sources: { added: ['c'], removed: ['b'], reopened: [] }, isRewired: true },
  ],
  ['the port', (written) => (written.api = { listen: 'off' }), { isApiMoved: true }],
  ['the level of the own log', (written) => (written.log = { level: 'warn' }), { isLogChanged: true }],
  ['data_dir', (written) => (written.data_dir = '/elsewhere'), { needsRestart: ['data_dir'] }],
]

test.each(rows)('%s', (_what, edit, plan) => {
  const after = document()
  edit(after)
  expect(planReload(load(document()), load(after))).toEqual({ ...empty, ...plan })
})

test('the plan back is the plan there, turned round', () => {
  const after = document()
  after.sinks['more'] = { type: 'blackhole', inputs: ['only'] }
  expect(planReload(load(after), load(document()))).toEqual({
    ...empty,
    sinks: { ...empty.sinks, removed: ['more'] },
    isRewired: true,
  })
})

test('what has failed begins again, although nothing has changed', () => {
  const config = load(document())
  const plan = (sources: string[], sinks: string[]) =>
    planReload(config, config, { sources: new Set(sources), sinks: new Set(sinks) }).sources.reopened
  expect(plan(['b'], [])).toEqual(['b'])
  expect(plan([], ['some'])).toEqual(['a'])
  expect(plan([], [])).toEqual([])
})

test('there is nothing to do only where nothing has changed', () => {
  const before = load(document())
  for (const [what, edit, plan] of rows) {
    const after = document()
    edit(after)
    const isEmpty = Object.keys(plan).every((key) => key === 'needsRestart')
    expect(isEmptyPlan(planReload(before, load(after))), what).toBe(isEmpty)
  }
})
