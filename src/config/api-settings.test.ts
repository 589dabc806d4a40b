import { expect, test } from 'vitest'
import { load, problemsOf } from './testing.ts'

const rest = 'sources: { a: { type: docker } }\nsinks: { b: { type: blackhole, inputs: [a] } }'
const problems = (api: string) => problemsOf(`api: ${api}\n${rest}`).join('\n')

const tls = 'tls: { cert_file: c, key_file: k }'
const token = 'auth: [{ token: sixteen-or-more-x }]'

test.each([
  '127.0.0.1:1',
  '127.9.9.9:1',
  'localhost:1',
  '[::1]:1',
  '[0:0:0:0:0:0:0:1]:1',
  'off',
])('%s takes neither TLS nor credentials', (listen) => {
  expect(problems(`{ listen: "${listen}" }`)).toBe('')
})

test.each([
  '0.0.0.0:1',
  '[::]:1',
  '10.0.0.7:1',
  'host.example:1',
  '[::ffff:127.0.0.1]:1',
  '[2001:db8::1]:1',
  '[1::1]:1',
])('%s takes both', (listen) => {
  const cure = (missing: string) =>
    new RegExp(`1:16: api\\.listen: .*set ${missing}, too, or listen on 127\\.0\\.0\\.1`)
  expect(problems(`{ listen: "${listen}" }`)).toMatch(cure('api.tls and api.auth'))
  expect(problems(`{ listen: "${listen}", ${tls} }`)).toMatch(cure('api.auth'))
  expect(problems(`{ listen: "${listen}", ${token} }`)).toMatch(cure('api.tls'))
  expect(problems(`{ listen: "${listen}", ${tls}, ${token} }`)).toBe('')
})

test.each([
  ['auth: [{ token: short }]', /api\.auth\[0\]/],
  ['auth: [{ username: u, password: short }]', /api\.auth\[0\]/],
  ['auth: [{ token: sixteen-or-more-x, role: root }]', /api\.auth\[0\]/],
  [`auth: [{ certificate: "*" }], ${tls}`, /client_ca_file, which is not given/],
  ['tls: { cert_file: c }', /api\.tls\.key_file: missing/],
])('%s is told', (text, told) => {
  expect(problems(`{ ${text} }`)).toMatch(told)
  expect(problems(`{ ${text} }`)).not.toMatch(/short|sixteen/)
})

test('viewer is what is not said to be more', () => {
  const { api } = load(`api: { ${token} }\n${rest}`)
  expect(api.auth).toEqual([{ token: 'sixteen-or-more-x', role: 'viewer' }])
})
