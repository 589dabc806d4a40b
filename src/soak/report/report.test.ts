import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { readRun } from '../read-run.ts'
import type { RunRecord } from '../run-record.ts'
import { svgFile } from './charts/file.ts'
import { renderHtml } from './html.ts'
import { escapeMarkdown, renderMarkdown } from './markdown.ts'
import { figuresOf, reportOf } from './report.ts'
import { emptyRecord, hostile, hostileRecord, hugeRecord, recordOf } from './testing.ts'
import { writeReport } from './write.ts'

const leak = recordOf({
  target: {
    leaks: { descriptors: 1.2 },
    survivors: [{ kind: 'descriptor', what: 'tcp to 127.0.0.1:2375', amount: 52 }],
  },
})
const invalid = recordOf({ target: { unmetGate: '71,980 of 72,000 lines' } })
const references = recordOf({
  cycles: 96,
  target: { leaks: { descriptors: 0.3 } },
  references: [
    { name: 'vector', leaks: { descriptors: 1.5 } },
    { name: 'fluent-bit', resources: ['descriptors'] },
  ],
})

const records: readonly { readonly name: string; readonly run: RunRecord; readonly baseline?: RunRecord }[] = [
  { name: 'clean', run: recordOf({ cycles: 60 }) },
  { name: 'leak', run: leak },
  { name: 'leak beside a baseline', run: leak, baseline: recordOf({ seed: 3 }) },
  { name: 'short', run: recordOf({ cycles: 14 }) },
  { name: 'one cycle', run: recordOf({ cycles: 1 }) },
  { name: 'no cycle', run: emptyRecord() },
  { name: 'invalid', run: invalid },
  { name: 'references', run: references },
  { name: 'huge', run: hugeRecord() },
  { name: 'hostile', run: hostileRecord() },
]

/** Fails where it is no well-formed XML; gives back the elements with their attributes. */
function elementsOf(markup: string) {
  const elements: { readonly name: string; readonly attributes: Readonly<Record<string, string>> }[] = []
  const parser = new SaxesParser()
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => elements.push({ name, attributes }))
  parser.write(markup).close()
  return elements
}

describe.each(records)('the report of a run: $name', ({ run, baseline }) => {
  test('is well-formed, and refers to nothing outside itself', () => {
    const elements = elementsOf(renderHtml(run, baseline))
    const names = new Set(elements.map(({ name }) => name))
    for (const banned of ['script', 'img', 'link', 'a', 'iframe', 'object', 'use', 'image'])
      expect(names).not.toContain(banned)
    const ids = elements.flatMap(({ attributes }) => attributes['id'] ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    for (const { attributes } of elements)
      for (const id of attributes['aria-labelledby']?.split(' ') ?? []) expect(ids).toContain(id)
  })

  test('has charts that are well-formed and say what they show', () => {
    for (const figure of figuresOf(reportOf(run, baseline))) {
      const file = svgFile(figure)
      expect(figure.name).toMatch(/^[a-z0-9-]+$/)
      expect(
        elementsOf(file)
          .slice(0, 4)
          .map(({ name }) => name),
      ).toEqual(['svg', 'title', 'desc', 'style'])
      expect(file).not.toMatch(/NaN|Infinity|undefined/)
      expect(file.length).toBeLessThan(250_000)
    }
  })

  test('has no figure that is none, and no percentage but of a level', () => {
    for (const text of [renderMarkdown(run, baseline), renderHtml(run, baseline)]) {
      expect(text).not.toMatch(/NaN|Infinity|undefined|\[object/)
      for (const [, share] of text.matchAll(/([\d.]+)[ \u00a0]%/g))
        expect(Number(share) >= 97 || Number(share) === 1).toBe(true)
      expect(text).not.toMatch(/\p{Extended_Pictographic}/u)
    }
  })
})

describe('the report', () => {
  test.each([
    { run: recordOf({ cycles: 60 }), says: '**No leak above 1 or 97.7\u00a0KiB per 1,000 operations**' },
    { run: leak, says: '**Leak: descriptors**' },
    { run: recordOf({ cycles: 14 }), says: '**Not enough evidence**' },
    { run: invalid, says: '**Invalid: this run cannot be judged**' },
  ])('says $says', ({ run, says }) => {
    expect(renderMarkdown(run)).toContain(says)
  })

  test('of a leak has limits, criterion, projection and what stayed', () => {
    const text = renderMarkdown(leak)
    expect(text).toMatch(
      /descriptors grow by about [\d.]+ per 1,000 operations, at least [\d.]+ and at most [\d.]+, beyond the criterion of 1/,
    )
    expect(text).toMatch(/^\| descriptors \| [\d.]+ \| [\d.]+ to [\d.]+ \| .* \| 1 \| NOT MET \| LEAK \|$/m)
    expect(text).toMatch(/^- descriptors: the limit of 1,024 is reached in .* at the soonest, .* at the latest; /m)
    expect(text).toMatch(/^\| tcp to 127\.0\.0\.1:2375 \| descriptor \| 52 \|$/m)
    expect(text).toMatch(/^ {4}log-capturer soak run --seed 7 --cycles 48$/m)
  })

  test('of a run with a gate that is not met judges nothing', () => {
    const text = renderMarkdown(invalid)
    expect(text).toMatch(/nothing of them counts: lines delivered: 71,980 of 72,000 lines/)
    expect(text).toMatch(/^\| threads \| – \| – \| – \| – \| 1 \| NOT JUDGED \| INVALID \|$/m)
    expect(text).toMatch(/^\| lines delivered \| NOT MET \|/m)
    expect(text).not.toMatch(/^\|.*\b(NO LEAK|LEAK) \|$/m)
    expect(text).not.toMatch(/^## (Warm-up|Projection)|looks\.svg|limits\.svg/m)
  })

  test('has reference collectors beside the program under test, with the ratio of their growths', () => {
    const text = renderMarkdown(references)
    expect(text).toMatch(/^\| descriptors \| vector \| .*\| NOT MET \| LEAK \|$/m)
    expect(text).toMatch(
      /^\| descriptors \| vector \| 0\.\d+ \(.*\) \| [\d.]+ \(.*\) \| 0\.\d+ \| 0\.\d+ to 0\.\d+ \| GROWS SLOWER \|$/m,
    )
    expect(text).toMatch(/!\[Held beyond the warm-up, program against program\]\(charts\/against\.svg\)/)
  })

  test('says so where the baseline did other work', () => {
    const other = { ...leak, workload: { ...leak.workload, containers: 5 } }
    expect(renderMarkdown(leak, other)).toMatch(
      /Not compared with the baseline: the number of containers differs: 5 in the baseline, 20 in the current run/,
    )
  })

  test('is written as files, of which run.json is the record', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'soak-report-'))
    try {
      await writeReport(join(folder, 'new/report'), references)
      const written = join(folder, 'new/report')
      expect(readdirSync(written).sort()).toEqual(['charts', 'report.html', 'report.md', 'run.json'])
      const markdown = readFileSync(join(written, 'report.md'), 'utf8')
      const named = [...markdown.matchAll(/\(charts\/([^)]+)\)/g)].map(([, name]) => name)
      expect(readdirSync(join(written, 'charts')).sort()).toEqual(named.sort())
      expect(readRun('run.json', readFileSync(join(written, 'run.json'), 'utf8'))).toEqual(references)
      await expect(writeReport(join(written, 'report.md'), leak)).rejects.toThrow(
        /report\.md: the report cannot be written: /,
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('names from outside', () => {
  test('stay text in HTML', () => {
    const html = renderHtml(hostileRecord())
    expect(html).not.toContain('<script')
    expect(html).not.toContain('<img')
    // A direction mark, a control character and half a surrogate pair.
    expect(html).not.toMatch(/[\u202e\x07\ud800]/)
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  test.each([
    ['a | b', 'a \\| b'],
    ['**bold** _it_ `code`', '\\*\\*bold\\*\\* \\_it\\_ \\`code\\`'],
    ['![x](https://host/x.png)', '\\!\\[x\\](https&#58;//host/x.png)'],
    ['<b>', '\\<b\\>'],
    ['1. one', '1\\. one'],
    ['- one', '\\- one'],
    ['0.66 to 1', '0.66 to 1'],
    ['line\nbreak', 'line\\\\x0abreak'],
    ['@all www.host', '&#64;all www&#46;host'],
    ['&amp;', '\\&amp;'],
  ])('%s in Markdown is %s', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped)
  })

  test('are shown in full in tables', () => {
    expect(renderMarkdown(hostileRecord())).toContain(escapeMarkdown(hostile[1]))
  })
})
