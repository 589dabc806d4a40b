import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { candidatesOf } from '../conditions.ts'
import { BatchMaker, type TestLine } from '../testing.ts'
import { compileTree, expressionProblem, parseExpression } from './environment.ts'
import { expressionSieve } from './expression.ts'
import { RowView } from './row-view.ts'
import { pathsOf } from './tree.ts'

const lines: readonly TestLine[] = [
  { text: 'GET /health 200', container: 'web-1', fields: { status: 200, user: 'ada', 'req.path': '/health' } },
  { text: 'POST /pay 503', container: 'web-2', fields: { status: 503, ms: 12.5, 'req.path': '/pay' } },
  { text: 'ERROR no disk', container: 'db', stream: 'stderr', labels: { team: 'data' } },
  { text: '', container: 'db', fields: { tags: ['a', 'b'], level: 'warn', status: '500' } },
]

function met(expression: string, given: readonly TestLine[] = lines): number[] {
  const batch = new BatchMaker().batchOf(given)
  const candidates = candidatesOf(batch)
  expressionSieve(expression)(batch, candidates)
  return [...candidates].flatMap((one, row) => (one === 1 ? [row] : []))
}

test.each<[string, number[]]>([
  ['fields.status >= 500', [1]],
  ['fields.status == 200', [0]],
  ['int(fields.status) >= 500', [1, 3]],
  ['fields.status in [200, 503]', [0, 1]],
  ['fields.ms > 12', [1]],
  ['fields.req.path == "/pay"', [1]],
  ['fields["req.path"].startsWith("/h")', [0]],
  ['fields["req"].path == "/pay"', [1]],
  ['has(fields.user)', [0]],
  ['!has(fields.user)', [1, 2, 3]],
  ['has(fields.req.path) || stream == "stderr"', [0, 1, 2]],
  ['"b" in fields.tags', [3]],
  ['fields.tags[0] == "a"', [3]],
  ['fields.tags.exists(tag, tag.startsWith("b"))', [3]],
  ['size(fields) == 3', [0, 1, 3]],
  ['text.contains("/")', [0, 1]],
  ['!text.contains("/")', [2, 3]],
  ['text.contains("")', [0, 1, 2, 3]],
  ['text.contains("GET") || text.contains("disk")', [0, 2]],
  ['text.contains("/") && !text.contains("health")', [1]],
  ['text.matches("^(GET|POST) .* [0-9]+$")', [0, 1]],
  ['text.size() > 13', [0]],
  ['level == "error"', [2]],
  ['level in ["warn", "error"]', [2, 3]],
  ['container.name.startsWith("web")', [0, 1]],
  ['container.name == "db" && fields.level == "warn"', [3]],
  ['labels["team"] == "data"', [2]],
  ['labels.team == "data"', [2]],
  ['host == "host" && source == "engine" && text.contains("disk") && stream == "stderr"', [2]],
  ['fields.status > 100 || text.contains("disk")', [0, 1, 2]],
  // What a line lacks is no mistake; the line does not meet the condition.
  ['fields.none == 1', []],
  ['!(fields.none == 1)', []],
  ['fields.user + 1 == 2', []],
  ['true', [0, 1, 2, 3]],
])('%s', (expression, expected) => {
  expect(expressionProblem(expression)).toBeUndefined()
  expect(met(expression)).toEqual(expected)
})

test.each([
  ['fields.status >=', /Unexpected token/],
  ['contaner.name == "x"', /Unknown variable: contaner/],
  ['container.nam == "x"', /No such key: nam/],
  ['text > 5', /no such overload/],
  ['text + "x"', /of type string: a condition is true or false/],
  ['text.matches("a(b")', /"a\(b" is no pattern of RE2: missing closing/],
])('%s is a mistake', (expression, expected) => {
  expect(expressionProblem(expression)).toMatch(expected)
})

test('a text that is too deep, or too long, is a mistake', () => {
  expect(expressionProblem(`${'('.repeat(200)}true${')'.repeat(200)}`)).toMatch(/maxDepth/)
  expect(expressionProblem(Array.from({ length: 2_000 }, () => 'true').join(' && '))).toMatch(/maxAstNodes/)
})

test('a pattern takes time in proportion to the line', () => {
  expect(met('text.matches("^(a+)+$")', [{ text: `${'a'.repeat(100_000)}b` }])).toEqual([])
})

describe('parts that are answered at once', () => {
  const part = fc.constantFrom(
    'text.contains("GET")',
    'text.contains("o")',
    'stream == "stderr"',
    'container.name == "db"',
    'has(fields.user)',
    'fields.status == 200',
    'level == "error"',
  )
  const tree = fc.letrec<{ node: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      part,
      tie('node').map((node) => `!(${node})`),
      fc.tuple(tie('node'), fc.constantFrom('&&', '||'), tie('node')).map((parts) => `(${parts.join(' ')})`),
    ),
  })).node

  test('give what evaluating each line gives', () => {
    fc.assert(
      fc.property(tree, (expression) => {
        const batch = new BatchMaker().batchOf(lines)
        const parsed = parseExpression(expression)
        const evaluate = compileTree(parsed)
        const view = new RowView(pathsOf(parsed, 'fields'))
        const expected = lines.flatMap((_, row) => {
          try {
            return evaluate(view.at(batch, row)) === true ? [row] : []
          } catch {
            return [] // It lacks what is asked for.
          }
        })
        expect(met(expression)).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })
})
