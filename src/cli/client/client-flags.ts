import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { CollectorClient } from '../../app/client/collector-client.ts'
import { type ClientTls, type CollectorTarget, targetOf } from '../../app/client/target.ts'
import type { CollectorConfig } from '../../app/registries.ts'
import type { Login } from '../../lib/authorization.ts'
import { LogCapturerError, messageOf } from '../../lib/error.ts'
import { addConfigFlags, type ConfigFlags, findConfig } from '../config-flags.ts'
import { flag } from '../flag.ts'
import { load } from '../load.ts'

/** A flag that names a file which cannot be read, or two that do not fit. */
class ClientFlagsError extends LogCapturerError {
  readonly code = 'CLIENT_FLAGS'
}

export interface CredentialFlags {
  readonly tokenFile?: string
  readonly user?: string
  readonly passwordFile?: string
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
}

export type ClientFlags = ConfigFlags & CredentialFlags & { readonly url?: string }

/** For help of the verbs that ask a running collector. */
export const clientNotes = `
The collector is asked where its configuration says that it listens (-c; without one 127.0.0.1:8401), as whom api.auth has, or where --url says, as
whom --token-file, LOG_CAPTURER_TOKEN or --user and --password-file say.`

/** The flags that say which collector is asked, and as whom. */
export function addClientFlags(command: Command): Command {
  return addCredentialFlags(
    addConfigFlags(command).addOption(
      flag('--url <url>', 'where the collector listens (without: as api.listen of the configuration says)'),
    ),
  )
}

export function addCredentialFlags(command: Command): Command {
  return command
    .addOption(
      flag('--token-file <file>', 'a file with the token to ask with; the variable LOG_CAPTURER_TOKEN may hold it'),
    )
    .addOption(flag('--user <name>', 'the user to ask as'))
    .addOption(flag('--password-file <file>', 'a file with the password of the user'))
    .addOption(
      flag('--ca-file <file>', 'PEM file with the authorities that the certificate of the collector is checked by'),
    )
    .addOption(flag('--cert-file <file>', 'PEM file with a certificate to ask with'))
    .addOption(flag('--key-file <file>', 'PEM file with its key'))
}

/** A way to the collector; the caller closes it. */
export async function openClient(flags: ClientFlags, config = () => configOf(flags)): Promise<CollectorClient> {
  const target = flags.url === undefined ? targetOf(await config()) : { url: checkedUrl(flags.url) }
  return new CollectorClient(withCredentials(target, flags))
}

/** The configuration that the flags name. Standard input can be read once only. */
export async function configOf(flags: ConfigFlags): Promise<CollectorConfig> {
  return load((await findConfig(flags)).input)
}

/** What the flags say counts before what the configuration says. */
export function withCredentials(target: CollectorTarget, flags: CredentialFlags): CollectorTarget {
  const credentials = credentialsOf(flags) ?? target.credentials
  const tls = tlsOf(flags) ?? target.tls
  return { url: target.url, credentials, tls }
}

function credentialsOf({ tokenFile, user, passwordFile }: CredentialFlags): Login | undefined {
  if (tokenFile !== undefined) return { token: read(tokenFile).trim() }
  if (user !== undefined) {
    if (passwordFile === undefined)
      throw new ClientFlagsError('--user needs --password-file', { hint: 'name the file that holds the password' })
    return { username: user, password: read(passwordFile).replace(/\r?\n$/, '') }
  }
  const token = process.env['LOG_CAPTURER_TOKEN'] ?? ''
  return token === '' ? undefined : { token }
}

function tlsOf({ caFile, certFile, keyFile }: CredentialFlags): ClientTls | undefined {
  if (caFile === undefined && certFile === undefined && keyFile === undefined) return undefined
  if ((certFile === undefined) !== (keyFile === undefined))
    throw new ClientFlagsError('--cert-file and --key-file go together', { hint: 'give both of them' })
  const given = (path: string | undefined) => (path === undefined ? undefined : read(path))
  return { ca: given(caFile), cert: given(certFile), key: given(keyFile) }
}

function checkedUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  throw new ClientFlagsError(`"${text}" is no address of a collector`, {
    hint: 'write for example http://127.0.0.1:8401',
  })
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ClientFlagsError(`cannot read ${path}: ${messageOf(cause)}`, {
      cause,
      hint: 'check the path, and who may read it',
    })
  }
}
