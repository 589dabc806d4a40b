import { type OpenOffice, openOffice } from '../../app/dead-letters/open-office.ts'
import type { Command } from 'commander'
import { addCredentialFlags, type CredentialFlags, withCredentials } from '../client/client-flags.ts'
import { addConfigFlags, type ConfigFlags, findConfig } from '../config-flags.ts'
import { load } from '../load.ts'
import { ownLog } from '../own-log.ts'

export type OfficeFlags = ConfigFlags & CredentialFlags

/** The flags that say whose dead letters, and as whom the collector is asked where one runs. */
export function addOfficeFlags(command: Command): Command {
  return addCredentialFlags(addConfigFlags(command))
}

/** Does `work` with the dead letters of the configuration that the flags name. What goes wrong is an error, and printed as such. */
export async function withOffice<T>(flags: OfficeFlags, work: (open: OpenOffice) => Promise<T>): Promise<T> {
  const { input } = await findConfig(flags)
  await using open = await openOffice(load(input), ownLog('error'), (configured) => withCredentials(configured, flags))
  return await work(open)
}
