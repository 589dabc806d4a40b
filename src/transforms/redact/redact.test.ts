import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowsOf } from '../../batch/row.ts'
import { BatchMaker, type TestLine } from '../../batch/testing.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { redact } from './redact.ts'

type Written = Parameters<typeof redact.options.parse>[0]
const all = ['card', 'email', 'token', 'private_key', 'ip']

function redacted(lines: readonly (string | TestLine)[], written: Written = { rules: all }): string[] {
  const transform = redact.create(redact.options.parse(written), { id: 'privacy', metrics: createMetrics() })
  const batch = new BatchMaker().batchOf(lines.map((one) => (typeof one === 'string' ? { text: one } : one)))
  return rowsOf(transform.apply(batch)).map(({ text }) => text)
}

describe('what is found', () => {
  const alphabet = 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF'
  test.each([
    ['a card', 'paid with 4111111111111111.', 'paid with [redacted card].'],
    ['a card in groups', '4111 1111 1111 1111 and 4111-1111-1111-1111', '[redacted card] and [redacted card]'],
    ['American Express', 'x 3782 822463 10005 y', 'x [redacted card] y'],
    ['a card behind other numbers', '200 5120 4111111111111111 7', '200 5120 [redacted card] 7'],
    ['an address', '"user":"Ada.L+x@mail.example.co.uk"', '"user":"[redacted email]"'],
    ['an address at the end of a sentence', 'to a@b.de.', 'to [redacted email].'],
    ['two addresses', 'a@b.de,c@d.fr', '[redacted email],[redacted email]'],
    ['an address with a digit domain in front', 'a@1.example.org', '[redacted email]'],
    ['IPv4', 'from 10.0.0.1:8080', 'from [redacted ip]:8080'],
    ['IPv6', 'from [2001:db8::1]:443 and ::1', 'from [[redacted ip]]:443 and [redacted ip]'],
    ['IPv6 in full', 'src=2001:0db8:0000:0000:0000:0000:0000:0001', 'src=[redacted ip]'],
    ['a token of GitHub', `token ghp_${alphabet}abcd.`, 'token [redacted token].'],
    ['a key of AWS', 'id=AKIAIOSFODNN7EXAMPLE;', 'id=[redacted token];'],
    ['a key of Stripe', `sk_live_${alphabet}`, '[redacted token]'],
    ['a key of SendGrid', `SG.${alphabet.slice(0, 22)}.${alphabet}abcdefghijk`, '[redacted token]'],
    ['a JSON Web Token', 'jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl', 'jwt=[redacted token]'],
    [
      'a bearer token',
      'authorization: Bearer abcdefgh.ijklmnop/1234==, next',
      'authorization: Bearer [redacted token], next',
    ],
    ['a bearer token that is a known one', `Bearer ghp_${alphabet}abcd`, 'Bearer [redacted token]'],
    [
      'a private key within a line',
      '{"key":"-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\\n"}',
      '{"key":"[redacted private_key]\\n"}',
    ],
  ])('%s', (_, given, expected) => {
    expect(redacted([given])).toEqual([expected])
  })

  test.each([
    ['a check digit that is wrong', '4111111111111112'],
    ['a time in microseconds', '1795000000123456'],
    ['a card within a longer number', '94111111111111111999'],
    ['a number behind a dot', '0.4111111111111111'],
    ['a UUID', '550e8400-4111-1111-1111-111111111111'],
    ['a login', 'git@github and root@10'],
    ['an @ alone', '@ a@ @b.de'],
    ['a time', '12:42:29 2026-11-23T12:42:29Z'],
    ['a version of five parts, a number too large', '1.2.3.4.5 300.1.2.3'],
    ['a word that is like a token', 'task-aaaaaaaaaaaaaaaaaaaaaaaa risk_live_aaaaaaaaaaaaaaaaaaaa sk-short'],
    ['the bearer of news', 'the bearer of this letter'],
    ['a certificate', '-----BEGIN CERTIFICATE-----'],
  ])('not %s', (_, text) => {
    expect(redacted([text])).toEqual([text])
  })

  test('a private key over many lines, of its stream only', () => {
    const other = { text: 'AAAA', stream: 'stderr' as const }
    const given = [
      'key: -----BEGIN RSA PRIVATE KEY-----',
      'Proc-Type: 4,ENCRYPTED',
      '',
      other,
      'MIIEpAIBAAKCAQEA+/==',
      '-----END RSA PRIVATE KEY----- done',
      'AAAA',
    ]
    const mask = '[redacted private_key]'
    expect(redacted(given)).toEqual([`key: ${mask}`, mask, '', 'AAAA', mask, `${mask} done`, 'AAAA'])
  })

  test('a private key that is cut off ends with the first line that is none of it', () => {
    const given = ['-----BEGIN PRIVATE KEY-----', 'MIIE', 'GET /health 200', 'MIIE']
    const mask = '[redacted private_key]'
    expect(redacted(given)).toEqual([mask, mask, 'GET /health 200', 'MIIE'])
  })
})

test('patterns stand in bytes, whatever is around them; a match of nothing is none', () => {
  const written = { rules: [], patterns: [{ name: 'customer', regex: 'cust-[0-9]*|x*' }] }
  expect(redacted(['é cust-12 ü cust-3xx'], written)).toEqual([
    'é [redacted customer] ü [redacted customer][redacted customer]',
  ])
})

test('a hash is the same for the same text, and depends on the key', () => {
  const key = 'a secret of this host'
  const hash = createHmac('sha256', key).update('a@b.de').digest('hex').slice(0, 16)
  expect(redacted(['a@b.de', 'from a@b.de'], { with: 'hash', key })).toEqual([
    `[email ${hash}]`,
    `from [email ${hash}]`,
  ])
})

test('each find is counted by its rule, from zero on', async () => {
  const metrics = createMetrics()
  const transform = redact.create(redact.options.parse({ rules: ['email', 'ip'] }), { id: 'privacy', metrics })
  transform.apply(new BatchMaker().batchOf([{ text: 'a@b.de c@d.fr' }, { text: 'e@f.it' }]))
  const values = (await metrics.redactions.get()).values.map(({ labels, value }) => [labels.rule, value])
  expect(values).toEqual([
    ['email', 3],
    ['ip', 0],
  ])
})

test.each([
  [{ with: 'hash' }, /hash needs a/],
  [{ rules: [] }, /neither a rule nor a pattern/],
  [{ patterns: [{ name: 'x', regex: '(?=a)' }] }, /is no pattern of RE2: invalid or unsupported/],
])('%j is a mistake', (written, expected) => {
  expect(() => redact.options.parse(written)).toThrow(expected)
})

test('nothing of a card, an address or a token is left, whatever stands beside it', () => {
  const secrets = fc.constantFrom('4111111111111111', 'ada@example.org', '192.168.7.9', `glpat-${'aB3'.repeat(8)}`)
  const filler = fc.string({ unit: fc.constantFrom(' ', '"', ',', '=', '(', '/', 'é', '\n', '<'), maxLength: 5 })
  const words = fc.string({ unit: fc.constantFrom('a', '7', ' ', '.', ':', '-', '@'), maxLength: 8 })
  fc.assert(
    fc.property(fc.array(fc.tuple(words, secrets), { minLength: 1 }), filler, (parts, end) => {
      const text = parts.map(([word, secret]) => `${word} ${secret} `).join('') + end
      const [made] = redacted([text])
      for (const [, secret] of parts) expect(made).not.toContain(secret)
    }),
  )
})

test('any bytes take time in proportion to their length', () => {
  for (const unit of [
    '@',
    'a@',
    '1:',
    '4111 ',
    'a.',
    '-----BEGIN ',
    'eyJ',
    'SG.',
    'Bearer ',
    '::',
    '1.',
    'a@b',
    'PRIVATE KEY',
  ]) {
    const text = unit.repeat(Math.ceil(400_000 / unit.length))
    expect(redacted([text])).toHaveLength(1)
  }
}, 20_000)

test('fields that were found before are looked at as lines are, and stay what they are where nothing is found', async () => {
  const metrics = createMetrics()
  const transform = redact.create(redact.options.parse({ patterns: [{ name: 'customer', regex: 'cust-[0-9]{6}' }] }), {
    ...{ id: 'redact', metrics },
  })
  const key = '-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END PRIVATE KEY-----'
  const batch = new BatchMaker().batchOf([
    { text: 'one', fields: { mail: 'to ada@example.org', card: 4111111111111111, status: 200 } },
    { text: 'two' },
    { text: 'for cust-123456', fields: { key, tags: ['cust-123456', 1], cards: [4111111111111111], ok: true } },
  ])
  const made = transform.apply(batch)
  expect(rowsOf(made).map(({ text, fields }) => [text, fields])).toEqual([
    ['one', { mail: 'to [redacted email]', card: '[redacted card]', status: 200 }],
    ['two', undefined],
    [
      'for [redacted customer]',
      { key: '[redacted private_key]', tags: ['[redacted customer]', 1], cards: '[[redacted card]]', ok: true },
    ],
  ])
  const { values } = await metrics.redactions.get()
  expect(values.filter(({ value }) => value > 0).map(({ labels, value }) => [labels.rule, value])).toEqual([
    ...[
      ['card', 2],
      ['email', 1],
      ['private_key', 1],
      ['customer', 2],
    ],
  ])
  expect(rowsOf(batch)[0]).toMatchObject({ text: 'one', fields: { card: 4111111111111111 } })
})
