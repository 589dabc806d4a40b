import { describe, expect, test } from 'vitest'
import type { DockerOptions } from './schema.ts'
import { createSelection } from './selection.ts'

const web = {
  name: 'web-1',
  image: 'registry.example/shop/web:1.2',
  labels: { tier: 'front', 'com.example.team': 'shop' },
}

describe('selection', () => {
  const cases: [name: string, options: Pick<DockerOptions, 'include' | 'exclude'>, isSelected: boolean][] = [
    ['nothing given', {}, true],
    ['a name', { include: { names: ['web-1'] } }, true],
    ['another name', { include: { names: ['web-2'] } }, false],
    ['a wildcard', { include: { names: ['db-*', 'web-*'] } }, true],
    ['one character', { include: { names: ['web-?'] } }, true],
    ['a wildcard that is too short', { include: { names: ['web'] } }, false],
    ['an image across slashes', { include: { images: ['registry.example/*'] } }, true],
    ['an image by its end', { include: { images: ['*/web:1.2'] } }, true],
    ['a label that is there', { include: { labels: ['tier'] } }, true],
    ['a label with its value', { include: { labels: ['tier=front'] } }, true],
    ['a label with another value', { include: { labels: ['tier=back'] } }, false],
    ['a label with a wildcard', { include: { labels: ['com.example.*=sh*'] } }, true],
    ['every key has to match', { include: { names: ['web-*'], labels: ['tier=back'] } }, false],
    ['excluded by name', { exclude: { names: ['web-*'] } }, false],
    ['excluded by any key', { exclude: { names: ['db'], images: ['*shop*'] } }, false],
    ['exclusion wins', { include: { names: ['*'] }, exclude: { labels: ['tier'] } }, false],
    ['brackets are only text', { include: { names: ['web-[12]'] } }, false],
    ['braces are only text', { include: { names: ['{web-1,x}'] } }, false],
    ['an exclamation mark is only text', { include: { names: ['!db'] } }, false],
  ]
  test.each(cases)('%s', (_name, options, isSelected) => {
    expect(createSelection(options)(web)).toBe(isSelected)
  })

  test('a container may opt out', () => {
    const selects = createSelection({ include: { names: ['*'] } })
    expect(selects({ ...web, labels: { 'log-capturer.exclude': 'true' } })).toBe(false)
    expect(selects({ ...web, labels: { 'log-capturer.exclude': 'false' } })).toBe(true)
  })
})
