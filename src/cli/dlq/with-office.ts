import { type OpenOffice, openOffice } from '../../app/dead-letters/open-office.ts'
import { type ConfigFlags, findConfig } from '../config-flags.ts'
import { load } from '../load.ts'
import { ownLog } from '../own-log.ts'

/** Does `work` with the dead letters of the configuration that the flags name. What goes wrong is an error, and printed as such. */
export async function withOffice<T>(flags: ConfigFlags, work: (open: OpenOffice) => Promise<T>): Promise<T> {
  const { input } = await findConfig(flags)
  await using open = await openOffice(load(input), ownLog('error'))
  return await work(open)
}
