import { expect, test } from 'vitest'
import { load } from '../load.ts'
import { graphDot, graphText } from './graph-text.ts'

const config = load({
  kind: 'text',
  name: 'test.yaml',
  text: `
sources: { engine: { type: docker } }
transforms:
  quiet: { type: filter, inputs: [engine], exclude: [x] }
  ways: { type: route, inputs: [quiet], routes: { errors: { level: error }, web: { containers: [web] } } }
  few: { type: sample, inputs: [ways.web, engine], one_in: 2 }
sinks:
  pager: { type: blackhole, inputs: [ways.errors] }
  rest: { type: blackhole, inputs: [few, ways.default] }
`,
})

test('the way of lines as text', () => {
  expect(graphText(config)).toBe(`engine (docker)
├── quiet (filter)
│   └── ways (route)
│       ├── web: few (sample)
│       │   └── rest (blackhole)
│       ├── errors: pager (blackhole)
│       └── default: rest (blackhole)
└── few (sample), as above`)
})

test('the way of lines for Graphviz', () => {
  expect(graphDot(config).split('\n')).toEqual([
    'digraph {',
    '  rankdir=LR',
    '  "engine" [label="engine\\ndocker", shape=invhouse]',
    '  "quiet" [label="quiet\\nfilter", shape=box]',
    '  "ways" [label="ways\\nroute", shape=box]',
    '  "few" [label="few\\nsample", shape=box]',
    '  "pager" [label="pager\\nblackhole", shape=house]',
    '  "rest" [label="rest\\nblackhole", shape=house]',
    '  "engine" -> "quiet"',
    '  "quiet" -> "ways"',
    '  "ways" -> "few" [label="web"]',
    '  "engine" -> "few"',
    '  "ways" -> "pager" [label="errors"]',
    '  "few" -> "rest"',
    '  "ways" -> "rest" [label="default"]',
    '}',
  ])
})
