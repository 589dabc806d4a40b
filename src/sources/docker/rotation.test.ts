import { expect, test } from 'vitest'
import { container } from '../../engine/answers.ts'
import { keepsOneFile, maxFileBytes, turnsOverFast } from './rotation.ts'

function inspected(driver: string, settings: Record<string, string> | null, autoRemove = false) {
  return container.parse({
    Id: 'c',
    Name: '/c',
    Config: {},
    State: {},
    HostConfig: { AutoRemove: autoRemove, LogConfig: { Type: driver, Config: settings } },
  })
}

test.each([
  ['json-file', { 'max-size': '100k', 'max-file': '3' }, true],
  ['json-file', { 'max-size': '1m', 'max-file': '2' }, true],
  ['json-file', { 'max-size': '1.5MB', 'max-file': '2' }, true],
  ['json-file', { 'max-size': '5000', 'max-file': '2' }, true],
  ['json-file', { 'max-size': '10m', 'max-file': '3' }, false],
  ['json-file', { 'max-size': '1g', 'max-file': '3' }, false],
  ['json-file', { 'max-size': '100k', 'max-file': '1' }, false],
  ['json-file', { 'max-size': '100k' }, false],
  ['json-file', { 'max-file': '3' }, false],
  ['json-file', {}, false],
  ['json-file', null, false],
  ['local', { 'max-size': '100k' }, true],
  ['local', {}, false],
])('%s with %j: %s', (driver, settings, expected) => {
  expect(turnsOverFast(inspected(driver, settings))).toBe(expected)
})

test('a container that is removed at its exit is followed', () => {
  expect(turnsOverFast(inspected('json-file', { 'max-size': '100k', 'max-file': '3' }, true))).toBe(false)
})

test.each([
  ['json-file', { 'max-size': '100k', 'max-file': '3' }, false],
  ['json-file', { 'max-size': '100k', 'max-file': '1' }, true],
  ['json-file', { 'max-size': '100k' }, true],
  ['json-file', null, true],
  ['local', { 'max-size': '100k' }, false],
  ['local', { 'max-file': '1' }, true],
])('one file only of %s with %j: %s', (driver, settings, expected) => {
  expect(keepsOneFile(inspected(driver, settings))).toBe(expected)
})

test.each([
  ['json-file', { 'max-size': '10k' }, 10_000],
  ['json-file', { 'max-size': '1.5m' }, 1_500_000],
  ['local', { 'max-size': '1MiB' }, 1_000_000],
  ['local', {}, 20_971_520],
  ['json-file', {}, Number.POSITIVE_INFINITY],
  ['json-file', { 'max-size': '-1' }, Number.POSITIVE_INFINITY],
])('a file of %s with %j is full with %d bytes', (driver, settings, bytes) => {
  expect(maxFileBytes(inspected(driver, settings))).toBe(bytes)
})
