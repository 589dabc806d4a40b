import { describe } from 'vitest'
import { engineContract } from './engine-contract.ts'
import { openSimulated } from './engine-under-test.ts'

describe.each(['20.10', '28.5'] as const)('a simulated engine %s', (version) => {
  engineContract(() => openSimulated(version))
})
