import { describe, expect, test } from 'vitest'
import { VersionError } from './engine-error.ts'
import { chooseVersion } from './negotiate.ts'

describe('the API version', () => {
  const cases: [engine: string, newest: string, oldest: string | undefined, chosen: string][] = [
    ['Docker 20.10', '1.41', '1.12', '1.41'],
    ['Docker 28.5', '1.51', '1.24', '1.51'],
    ['Docker 29', '1.52', '1.44', '1.51'],
    ['Podman 4.3', '1.41', '1.24', '1.41'],
    ['one that does not say its oldest', '1.43', undefined, '1.43'],
  ]
  test.each(cases)('%s', (_engine, newest, oldest, chosen) => {
    expect(chooseVersion(newest, oldest)).toBe(chosen)
  })

  test('an engine of the far past and one of the far future are refused with the cure', () => {
    expect(() => chooseVersion('1.22', '1.12')).toThrow(VersionError)
    expect(() => chooseVersion('1.99', '1.60')).toThrow(/oldest API version is 1.60/)
  })
})
