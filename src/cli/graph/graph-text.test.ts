import { expect, test } from 'vitest'
import { load } from '../load.ts'
import { graphSvg } from './graph-svg.ts'
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
    '  node [fontname="Helvetica", fontsize=11, style=filled, fillcolor="#eef2f7", color="#5b6b7f"]',
    '  edge [fontname="Helvetica", fontsize=9, color="#5b6b7f"]',
    '  "engine" [label="engine\\ndocker", shape=cds]',
    '  "quiet" [label="quiet\\nfilter", shape=box]',
    '  "ways" [label="ways\\nroute", shape=box]',
    '  "few" [label="few\\nsample", shape=box]',
    '  "pager" [label="pager\\nblackhole", shape=cylinder]',
    '  "rest" [label="rest\\nblackhole", shape=cylinder]',
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

test('the way of lines as a picture', async () => {
  const svg = await graphSvg(config)
  const { length } = svg.match(/<g id="edge/g) ?? []
  expect(svg).toMatch(/^<\?xml/)
  expect(length).toBe(7)
  for (const words of ['engine', 'docker', 'quiet', 'ways', 'few', 'pager', 'rest', 'errors', 'default', 'web'])
    expect(svg).toContain(`>${words}</text>`)
})
