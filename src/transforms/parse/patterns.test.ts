import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { grokPattern } from './grok/grok.ts'
import { knownPatterns } from './grok/patterns.ts'
import { fieldsOf, found, mistakesOf } from './testing.ts'

describe('regex', () => {
  const options = { format: 'regex', pattern: '(?P<level>[A-Z]+):(?<word> [^ ]*)?(?P<rest>.*)' } as const

  test('groups with names are fields, where they took part', () => {
    expect(found(options, ['a WARN: disk äö full', 'ERROR:', 'none'])).toEqual([
      { level: 'WARN', word: ' disk', rest: ' äö full' },
      { level: 'ERROR', rest: '' },
      undefined,
    ])
  })

  test('bytes that are no text stay what they are', () => {
    const raw = { format: 'regex', pattern: '(?P<a>[^ ]+) (?P<b>.+)' } as const
    const batchFields = fieldsOf(raw, Buffer.from([0xff, 0x61, 0x20, 0x62, 0xfe]))
    expect(batchFields).toEqual({ a: '\ufffda', b: 'b\ufffd' })
  })

  test.each([
    [{ format: 'regex' }, 'format: regex needs a "pattern", in which fields have names'],
    [{ format: 'regex', pattern: '(a' }, 'pattern: "(a" is no pattern of RE2: missing closing ): `(a`'],
    [
      { format: 'regex', pattern: '(a)b' },
      'pattern: "(a)b" has no groups with names, so that it finds no fields: write (?P<name>...) around what is one',
    ],
    [{ format: 'json', pattern: 'a' }, 'pattern: json takes no "pattern", which is for regex and grok'],
    [{ format: 'regex', pattern: '(?P<a>b)', patterns: {} }, 'patterns: regex takes no "patterns", which is for grok'],
    [{ format: 'logfmt', quotes: "'" }, 'quotes: logfmt takes no "quotes", which is for key_value'],
  ] as const)('%j is a mistake', (written, message) => {
    expect(mistakesOf(written)).toEqual([message])
  })
})

describe('grok', () => {
  const grok = (pattern: string, line: string, patterns = {}) => fieldsOf({ format: 'grok', pattern, patterns }, line)

  test('references with names are fields, as numbers where it is said', () => {
    expect(
      grok(
        '%{IP:client.ip} %{WORD:method} %{URIPATHPARAM:path} %{INT:bytes:int} %{NUMBER:took:float}%{GREEDYDATA}',
        '55.3.244.1 GET /index.html?a=1 15824 0.043 äö',
      ),
    ).toEqual({ 'client.ip': '55.3.244.1', method: 'GET', path: '/index.html?a=1', bytes: 15_824, took: 0.043 })
  })

  test('signs and zeros that JSON does not have are left out; what is no number stays a text', () => {
    expect(
      grok('%{NOTSPACE:a:int} %{NOTSPACE:b:float} %{NOTSPACE:c:float} %{NOTSPACE:d:int}', '+007 -1.50 .5 0'),
    ).toEqual({
      ...{ a: 7, b: -1.5, c: '.5', d: 0 },
    })
  })

  test('patterns of the user, with references, and before those that are known', () => {
    const patterns = { ORDER: 'order-%{INT:order:int}', WORD: '[a-z]+!' }
    expect(grok('%{ORDER} %{WORD:word} (?P<rest>.*)', 'x order-12 wow! yes', patterns)).toEqual({
      ...{ order: 12, word: 'wow!', rest: 'yes' },
    })
  })

  test('one name for two alternatives', () => {
    const pattern = '^(?:%{IPV4:from}|%{HOSTNAME:from}) '
    expect([grok(pattern, '10.0.0.1 x'), grok(pattern, 'db.example.org x')]).toEqual([
      { from: '10.0.0.1' },
      { from: 'db.example.org' },
    ])
  })

  test.each([
    ['%{WROD:a}', {}, 'there is no pattern "WROD": did you mean "WORD"?'],
    ['%{A:a}', { A: '%{IPP}' }, 'there is no pattern "IPP" (in %{A}): did you mean "IP"?'],
    ['%{A:a}', { A: 'x%{B}', B: '%{A}' }, '%{A} is made of itself: A > B > A'],
    ['%{WORD:a:number}', {}, '"number" is nothing that "a" can be: write int or float, or leave it out for a text'],
    ['%{WORD:}', {}, '"%{WORD:}" is no reference: write %{NAME}, %{NAME:field} or %{NAME:field:int}'],
    ['%{WORD', {}, '"%{WORD" is no reference: write %{NAME}, %{NAME:field} or %{NAME:field:int}'],
    ['%{WORD}', {}, '"%{WORD}" names no fields: write %{NAME:field} for what is one'],
    ['(%{WORD:a}', {}, '"(%{WORD:a}" is no pattern of RE2: missing closing ): `(%{WORD:a}`'],
  ])('%s with %j is a mistake', (pattern, patterns, message) => {
    expect(mistakesOf({ format: 'grok', pattern, patterns })).toEqual([`pattern: ${message}`])
  })

  test('patterns that double each other do not fill the memory', () => {
    const patterns = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`P${i}`, `%{P${i + 1}}%{P${i + 1}}`]))
    const mistakes = mistakesOf({ format: 'grok', pattern: '%{P0:a}', patterns: { ...patterns, P40: 'x' } })
    expect(mistakes).toEqual([expect.stringMatching(/^pattern: %\{P\d+\} becomes longer than 65536 characters$/)])
  })

  test('every known pattern can be read by RE2, and is small enough for its faster search, with others beside it', () => {
    for (const name of Object.keys(knownPatterns)) {
      const pattern = grokPattern(`%{${name}:it}`, {})
      if (!('compiled' in pattern)) throw new Error(`${name}: ${pattern.message}`)
      expect(pattern.compiled.programSize(), name).toBeLessThanOrEqual(400)
    }
  })

  test('every known pattern is in the document, and nothing else is', () => {
    const document = readFileSync(new URL('README.md', import.meta.url), 'utf8')
    const table = document.slice(document.indexOf('Patterns of `grok`')).matchAll(/`([A-Z0-9_]+)`/g)
    const parts = ['IPV4PART', 'IPV6PART']
    expect([...table].map(([, name]) => name).sort()).toEqual(
      Object.keys(knownPatterns)
        .filter((name) => !parts.includes(name))
        .sort(),
    )
  })

  test.each<[string, readonly string[], readonly string[]]>([
    ['WORD', ['level', 'a_1'], ['', '-']],
    ['INT', ['-5', '+12'], ['a', '1.5']],
    ['POSINT', ['5'], ['0', '-5']],
    ['NUMBER', ['1', '-1.5', '.5'], ['1.', 'x']],
    ['BASE16NUM', ['0xfF', '12ab'], ['0x', 'g']],
    ['UUID', ['7b1f3d9a-12ab-4cde-8f00-0123456789ab'], ['7b1f3d9a12ab4cde8f000123456789ab']],
    ['IPV4', ['10.0.0.1', '255.255.255.255'], ['256.0.0.1', '1.2.3']],
    [
      'IPV6',
      [
        '::',
        '::1',
        'fe80::1%eth0',
        '2001:db8::8a2e:370:7334',
        '1:2:3:4:5:6:7:8',
        '::ffff:10.0.0.1',
        '1::',
        '64:ff9b::192.0.2.1',
      ],
      ['1:2:3', '1:2:3:4:5:6:7:8:9', 'g::1', '1::2::3'],
    ],
    ['IPORHOST', ['10.0.0.1', 'db-1.example.org', '::1', 'localhost'], ['a b']],
    ['HOSTPORT', ['db:5432', '10.0.0.1:80'], ['db']],
    ['MAC', ['00:1b:44:11:3a:b7', '00-1B-44-11-3A-B7', '001b.4411.3ab7'], ['00:1b:44']],
    ['PATH', ['/var/log/a b'.slice(0, 10), String.raw`C:\Windows\a.txt`], ['a']],
    ['URI', ['https://ada:x@example.org:8080/a/b?c=d&e', 'postgres://db/x'], ['example.org']],
    ['EMAILADDRESS', ['ada.l+x@example.org'], ['ada@', 'ada']],
    ['QUOTEDSTRING', [String.raw`"a \"b\" c"`, "'x'"], ['"a', 'a']],
    [
      'TIMESTAMP_ISO8601',
      ['2026-11-23T12:42:29.123Z', '2026-11-23 12:42:29,123', '2026-11-23T12:42:29+01:00'],
      ['12:42:29'],
    ],
    ['HTTPDATE', ['10/Oct/2000:13:55:36 -0700'], ['10/Foo/2000:13:55:36 -0700']],
    ['SYSLOGTIMESTAMP', ['Oct  1 22:14:15', 'Oct 11 22:14:15'], ['22:14:15']],
    ['LOGLEVEL', ['INFO', 'warning', 'Error', 'FATAL'], ['informed']],
    ['DATESTAMP_RFC2822', ['Mon, 23 Nov 2026 12:42:29 +0100'], ['23 Nov']],
    ['JAVACLASS', ['com.example.Main$Inner', 'Main'], ['com.']],
    ['SYSLOGPROG', ['sshd[812]', 'kernel'], ['a b']],
  ])('%s', (name, texts, others) => {
    const pattern = grokPattern(`^%{${name}:it}$`, {})
    if (!('compiled' in pattern)) throw new Error(pattern.message)
    const isFound = (text: string) => pattern.compiled.test(text)
    expect(texts.filter((text) => !isFound(text))).toEqual([])
    expect(others.filter(isFound)).toEqual([])
  })

  test('what is found first is the longest that is an address', () => {
    for (const address of [
      '::ffff:10.0.0.1',
      'fe80::1:2:3',
      '2001:db8::8a2e:370:7334',
      '10.0.0.1',
      '::1',
      '1:2:3:4:5:6:7:8',
    ])
      for (const name of ['IP', 'IPORHOST'])
        expect(grok(`from %{${name}:it}`, `from ${address}. To`)).toEqual({ it: address })
  })

  test('access logs and syslog by their usual names', () => {
    const line =
      '203.0.113.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 - "https://example.org/" "Mozilla/4.08"'
    expect(grok('%{COMBINEDAPACHELOG}', line)).toEqual({
      ...{ clientip: '203.0.113.7', ident: '-', auth: 'frank', timestamp: '10/Oct/2000:13:55:36 -0700', verb: 'GET' },
      ...{ request: '/a.gif', httpversion: '1.0', response: '200' },
      ...{ referrer: '"https://example.org/"', agent: '"Mozilla/4.08"' },
    })
    expect(grok('%{SYSLOGLINE}', 'Feb  5 17:32:18 db sshd[812]: Accepted publickey')).toEqual({
      ...{ timestamp: 'Feb  5 17:32:18', logsource: 'db', program: 'sshd', pid: '812', message: 'Accepted publickey' },
    })
  })
})
