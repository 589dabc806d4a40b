import { expect, test } from 'vitest'
import { foreignness } from './same-site.ts'

const json = 'application/json'

test.each([
  ['by address', { host: '127.0.0.1:8401', origin: undefined, contentType: json }, undefined],
  ['by an address of version 6', { host: '[::1]:8401', origin: undefined, contentType: json }, undefined],
  ['from another machine, by address', { host: '192.0.2.7:8401', origin: undefined, contentType: json }, undefined],
  ['by localhost', { host: 'localhost:8401', origin: undefined, contentType: `${json}; charset=utf-8` }, undefined],
  ['from our own page', { host: 'localhost:8401', origin: 'http://localhost:8401', contentType: json }, undefined],
  ['by a name', { host: 'rebound.example:8401', origin: undefined, contentType: json }, 403],
  ['without a host', { host: undefined, origin: undefined, contentType: json }, 403],
  ['with a host that is none', { host: 'local host', origin: undefined, contentType: json }, 403],
  ['a page of another site', { host: '127.0.0.1:8401', origin: 'https://other.example', contentType: json }, 403],
  ['a page of another port', { host: '127.0.0.1:8401', origin: 'http://127.0.0.1:80', contentType: json }, 403],
  ['a page of nowhere', { host: '127.0.0.1:8401', origin: 'null', contentType: json }, 403],
  ['a form', { host: '127.0.0.1:8401', origin: undefined, contentType: 'text/plain' }, 415],
  ['nothing said of the content', { host: '127.0.0.1:8401', origin: undefined, contentType: undefined }, 415],
])('%s', (_what, headers, status) => {
  expect(foreignness({ method: 'POST', ...headers })?.status).toBe(status)
})

test('what only tells is told to whoever asks by address or by localhost', () => {
  const headers = { method: 'GET', origin: undefined, contentType: undefined }
  expect(foreignness({ ...headers, host: '127.0.0.1:8401' })).toBeUndefined()
  expect(foreignness({ ...headers, host: 'rebound.example' })?.status).toBe(403)
})
