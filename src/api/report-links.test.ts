import { expect, test } from 'vitest'
import { ReportLinks } from './report-links.ts'

const ticketOf = (path: string) => path.slice('/soak-report/'.length)

test.each([
  '2026-11-27',
  'über alles',
  '../../etc',
  '.',
  'a.b/c',
])('a link to %j is for it, and only safe letters', (name) => {
  const links = new ReportLinks()
  const path = links.pathTo(name)
  expect(path).toMatch(/^\/soak-report\/[\w-][\w.-]*$/)
  expect(links.reportOf(ticketOf(path))).toBe(name)
})

test('a link that was changed, or is of another process, or old, is none', () => {
  let nowMs = 0
  const links = new ReportLinks(() => nowMs)
  const ticket = ticketOf(links.pathTo('one'))
  const [, until, signature] = ticket.split('.')
  expect(links.reportOf(`${Buffer.from('two').toString('base64url')}.${until!}.${signature!}`)).toBeUndefined()
  expect(links.reportOf(ticket.replace(`.${until!}.`, '.zzzzzzzz.'))).toBeUndefined()
  expect(links.reportOf('nonsense')).toBeUndefined()
  expect(new ReportLinks(() => nowMs).reportOf(ticket)).toBeUndefined()
  nowMs = 3_600_001
  expect(links.reportOf(ticket)).toBeUndefined()
})
