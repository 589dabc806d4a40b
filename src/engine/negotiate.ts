import { clockAhead } from '../lib/clock-ahead.ts'
import { LogCapturerError } from '../lib/error.ts'
import { info, version } from './answers.ts'
import type { Control } from './control.ts'
import { VersionError } from './engine-error.ts'

/** The API versions whose answers we know; measured on 1.41 (Docker 20.10, Podman 4.3) and 1.51 (Docker 28.5). */
const oldestKnown = '1.24'
const newestKnown = '1.51'

/** What an engine says of itself. */
export interface EngineFacts {
  readonly version: string
  /** The version that our requests name: the newest that both sides know. */
  readonly apiVersion: string
  readonly isPodman: boolean
  /** Docker: a follow that is behind passes over files that were rotated in the meantime (20.10; 26.1 says so in its own log, as `missed-rotations`). */
  readonly followSkipsFiles: boolean
  /** Docker before 23.0 (API 1.42), which got another reader: a follow over a rotation sends lines again. */
  readonly followRepeats: boolean
  /** The host's name, as the engine gives it. */
  readonly host: string
  /** Where the engine keeps its files, on its host; undefined: it does not say. */
  readonly rootFolder: string | undefined
  /** The engine's clock minus ours, in seconds; see `clockAhead`. */
  readonly clockAheadSeconds: number
}

/** Asks the engine who it is. Again after every reconnect: it may have been upgraded meanwhile. @throws VersionError */
export async function negotiate(control: Control, signal: AbortSignal): Promise<EngineFacts> {
  const { headers, clockAheadSeconds } = await ping(control, signal)
  const answer = await control.get('/version', version, signal)
  const apiVersion = chooseVersion(headers.get('api-version') ?? answer.ApiVersion, answer.MinAPIVersion)
  const isPodman = headers.has('libpod-api-version')
  return {
    version: answer.Version ?? 'unknown',
    apiVersion,
    isPodman,
    followSkipsFiles: !isPodman,
    followRepeats: !isPodman && compareVersions(apiVersion, '1.42') < 0,
    ...(await hostFacts(control, apiVersion, signal)),
    clockAheadSeconds,
  }
}

/** The engine's clock minus ours, in seconds. */
export async function measureClock(control: Control, signal: AbortSignal): Promise<number> {
  return (await ping(control, signal)).clockAheadSeconds
}

async function ping(control: Control, signal: AbortSignal) {
  const sentAtMs = Date.now()
  const headers = await control.headers('/_ping', signal)
  const times = { dateMs: Date.parse(headers.get('date') ?? ''), sentAtMs, receivedAtMs: Date.now() }
  return { headers, clockAheadSeconds: clockAhead(times) }
}

async function hostFacts(
  control: Control,
  apiVersion: string,
  signal: AbortSignal,
): Promise<Pick<EngineFacts, 'host' | 'rootFolder'>> {
  try {
    const { Name, DockerRootDir } = await control.get(`/v${apiVersion}/info`, info, signal)
    return { host: Name ?? '', rootFolder: DockerRootDir }
  } catch (error) {
    // A proxy in front of the engine may refuse /info; a record without a host is better than none.
    if (error instanceof LogCapturerError) return { host: '', rootFolder: undefined }
    throw error
  }
}

/** The newest version that both know. Hard-coded ones fail: 29.x refuses 1.41, 20.10 refuses 1.42. */
export function chooseVersion(engineNewest: string, engineOldest: string | undefined): string {
  const chosen = compareVersions(engineNewest, newestKnown) < 0 ? engineNewest : newestKnown
  if (compareVersions(chosen, oldestKnown) < 0) {
    throw new VersionError(
      `the engine's newest API version is ${engineNewest}, the oldest that we know is ${oldestKnown}`,
      {
        hint: 'upgrade the engine',
      },
    )
  }
  if (engineOldest !== undefined && compareVersions(engineOldest, chosen) > 0) {
    throw new VersionError(
      `the engine's oldest API version is ${engineOldest}, the newest that we know is ${newestKnown}`,
      {
        hint: 'upgrade log-capturer',
      },
    )
  }
  return chosen
}

function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA - majorB || minorA - minorB
}
