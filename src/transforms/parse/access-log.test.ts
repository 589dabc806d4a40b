import { describe, expect, test } from 'vitest'
import { fieldsOf, type FoundFields } from './testing.ts'

const common = {
  host: '203.0.113.7',
  time: '10/Oct/2000:13:55:36 -0700',
  method: 'GET',
  path: '/a.gif',
  protocol: 'HTTP/1.0',
}

describe('clf', () => {
  test.each<[string, FoundFields]>([
    [
      '203.0.113.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326',
      { ...common, user: 'frank', status: 200, bytes: 2326 },
    ],
    ['203.0.113.7 - - [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 304 -\r', { ...common, status: 304 }],
    [
      '::1 id ada lovelace [t] "POST /a b HTTP/2.0" - 007',
      {
        host: '::1',
        ident: 'id',
        user: 'ada lovelace',
        time: 't',
        method: 'POST',
        path: '/a b',
        protocol: 'HTTP/2.0',
        bytes: 7,
      },
    ],
    ['h - - [t] "GET /" 200 1', { host: 'h', time: 't', method: 'GET', path: '/', status: 200, bytes: 1 }],
    ['h - - [t] "-" 408 0', { host: 'h', time: 't', status: 408, bytes: 0 }],
    [
      String.raw`h - - [t] "\x16\x03\x01" 400 157`,
      { host: 'h', time: 't', request: String.raw`\x16\x03\x01`, status: 400, bytes: 157 },
    ],
    [
      String.raw`h - - [t] "GET /\"\\\x22\xc3\xa4\n HTTP/1.1" 200 1`,
      { host: 'h', time: 't', method: 'GET', path: String.raw`/"\"ä\n`, protocol: 'HTTP/1.1', status: 200, bytes: 1 },
    ],
    [
      String.raw`h - - [t] "GET /\xfc\x41 HTTP/1.1" 200 1`,
      { host: 'h', time: 't', method: 'GET', path: String.raw`/\xfc\x41`, protocol: 'HTTP/1.1', status: 200, bytes: 1 },
    ],
    [
      'h - - [t] "GET / HTTP/1.1" 200 1 "https://example.org/" "curl"',
      { host: 'h', time: 't', method: 'GET', path: '/', protocol: 'HTTP/1.1', status: 200, bytes: 1 },
    ],
    ['h - - [t] "GET / HTTP/1.1" 200 1x', undefined],
    ['h - - [t] "GET / HTTP/1.1" ok 1', undefined],
    ['h - - [t] "GET / HTTP/1.1 200 1', undefined],
    [String.raw`h - - [t] "GET /\" 200 1`, undefined],
    ['h - - [t "GET / HTTP/1.1" 200 1', undefined],
    ['h - -[t] "GET / HTTP/1.1" 200 1', undefined],
    ['h - [t] "GET / HTTP/1.1" 200 1', undefined],
    ['', undefined],
    ['plain text of many words', undefined],
  ])('%s', (line, expected) => {
    expect(fieldsOf({ format: 'clf' }, line)).toEqual(expected)
  })
})

describe('combined', () => {
  const begin = '203.0.113.7 - - [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326'
  const fields = { ...common, status: 200, bytes: 2326 }
  test.each<[string, FoundFields]>([
    [
      ' "https://example.org/start" "Mozilla/5.0 (X11; Linux x86_64)"',
      { ...fields, referer: 'https://example.org/start', user_agent: 'Mozilla/5.0 (X11; Linux x86_64)' },
    ],
    [' "-" "-"', fields],
    [' "" "" "10.0.0.7"', { ...fields, referer: '', user_agent: '' }],
    ['', undefined],
    [' "https://example.org/start"', undefined],
    [' "a" "b"x', undefined],
    [' - -', undefined],
  ])('%s', (end, expected) => {
    expect(fieldsOf({ format: 'combined' }, begin + end)).toEqual(expected)
  })
})
