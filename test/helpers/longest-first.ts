import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes longest, the longest first: begun last, each of them would run on when there is nothing left beside it. */
const longest = [
  'test/lab/soak-clean.test.ts',
  'test/app/come-and-go.test.ts',
  'test/faults/short.test.ts',
  'test/lab/soak-leaks.test.ts',
  'test/lab/soak.test.ts',
  'test/cli/dlq.test.ts',
  'test/contract/real.test.ts',
]

/** On a fresh clone vitest knows no durations and takes the size of a file for it: long tests are told in few lines here. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files)
    const place = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((path) => moduleId.endsWith(`/${path}`))
      return found === -1 ? longest.length : found
    }
    return others.sort((a, b) => place(a) - place(b))
  }
}
