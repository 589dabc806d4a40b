import type { Finding } from '../../component/examination.ts'
import type { EngineAddress } from '../../engine/address.ts'
import type { ListedContainer } from '../../engine/answers.ts'
import type { Engine } from '../../engine/engine.ts'
import { EngineStatusError } from '../../engine/engine-error.ts'
import type { EngineFacts } from '../../engine/negotiate.ts'
import { dockerDrivers } from '../../log-file/docker-drivers.ts'
import { LogFile } from '../../log-file/log-file.ts'
import { LogFileError } from '../../log-file/log-file-error.ts'
import { counted } from '../../lib/words.ts'
import { identityOfListed } from './container.ts'
import { logFolderOf } from './log-folder.ts'
import type { DockerOptions } from './schema.ts'

/** Containers looked at at a time. */
const atATime = 4
/** Names told of one finding. */
const maxNames = 5
/** A read of one line is answered in milliseconds. */
const readIdleMs = 20_000

interface Surroundings {
  readonly engine: Engine
  readonly facts: EngineFacts
  readonly address: EngineAddress
  readonly options: DockerOptions
}

/** How the log of a container would be read: as the follower does it, the files first. */
type Way =
  | { readonly kind: 'files'; readonly driver: string }
  /** `file`: why not from the files, where they were tried. */
  | { readonly kind: 'engine'; readonly driver: string; readonly file: LogFileError | undefined }
  | { readonly kind: 'none'; readonly driver: string; readonly reason: string; readonly cure: string }

const pickAnotherDriver =
  'give the container a driver that can be read (json-file, local, journald), or leave it out: label log-capturer.exclude=true'

/** What became of looking at the logs of containers, told in groups. */
export class ContainerLogs {
  readonly #surroundings: Surroundings
  readonly #drivers = dockerDrivers()
  readonly #groups = new Map<string, { readonly way: Way; readonly names: string[] }>()
  /** Files and connections that following them would hold open. */
  descriptors = 0
  /** Folders that would be watched. */
  watches = 0

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings
  }

  async lookAt(listed: readonly ListedContainer[], signal: AbortSignal): Promise<void> {
    // One that was created only has no log yet.
    const waiting = listed.filter(({ State }) => State !== 'created')
    const worker = async () => {
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) await this.#lookAtOne(one, signal)
    }
    await Promise.all(Array.from({ length: atATime }, worker))
  }

  async #lookAtOne(listed: ListedContainer, signal: AbortSignal): Promise<void> {
    const way = await this.#wayOf(listed.Id, signal)
    if (way === undefined) return
    if (listed.State === 'running' && way.kind !== 'none') this.descriptors += 1
    if (listed.State === 'running' && way.kind === 'files') this.watches += 1
    const { name } = identityOfListed(listed)
    const group = this.#groups.get(kindOf(way))
    if (group) group.names.push(name)
    else this.#groups.set(kindOf(way), { way, names: [name] })
  }

  /** Undefined: it is gone meanwhile. */
  async #wayOf(id: string, signal: AbortSignal): Promise<Way | undefined> {
    const { engine, options } = this.#surroundings
    try {
      const { HostConfig } = await engine.inspect(id, signal)
      const driver = HostConfig?.LogConfig?.Type ?? 'unknown'
      const file = this.#fileOf(id)
      if (file === 'readable') return { kind: 'files', driver }
      if (options.read === 'files')
        return {
          kind: 'none',
          driver,
          reason: file?.message ?? 'it has no log file on this host',
          cure: file?.hint ?? 'set read: auto in the source, or give it the driver json-file or local',
        }
      const refusal = await this.#readOneLine(id, signal)
      if (refusal === undefined) return { kind: 'engine', driver, file }
      return { kind: 'none', driver, reason: refusal, cure: pickAnotherDriver }
    } catch (error) {
      if (error instanceof EngineStatusError && (error.status === 404 || error.status === 409)) return undefined
      throw error
    }
  }

  /** Whether the container's log can be read from its file; an error: why it cannot; undefined: it has none here. */
  #fileOf(id: string): 'readable' | LogFileError | undefined {
    const { facts, address, options } = this.#surroundings
    const rootFolder = options.read === 'api' ? undefined : logFolderOf(facts, address)
    if (rootFolder === undefined) return undefined
    try {
      for (const driver of this.#drivers) {
        using file = LogFile.open(driver.pathOf(rootFolder, id))
        if (file) return 'readable'
      }
      return undefined
    } catch (error) {
      if (error instanceof LogFileError) return error
      throw error
    }
  }

  /** Why the engine does not give the log; undefined: it does. */
  async #readOneLine(id: string, signal: AbortSignal): Promise<string | undefined> {
    const query = { follow: false, stdout: true, stderr: true, tail: 1 }
    try {
      await using stream = await this.#surroundings.engine.openLog(
        id,
        query,
        { onBody: () => true, idleTimeoutMs: readIdleMs },
        signal,
      )
      const end = await stream.ended
      return end.kind === 'failed' ? end.error.message : undefined
    } catch (error) {
      if (error instanceof EngineStatusError && error.status === 501)
        return error.message.replace(/^GET \S+: /, 'the engine answers ')
      throw error
    }
  }

  findings(): readonly Finding[] {
    if (this.#groups.size === 0)
      return [{ status: 'ok', subject: 'containers', text: 'there is none to collect from yet' }]
    return [...this.#groups.values()].map(({ way, names }) => this.#tell(way, names))
  }

  #tell(way: Way, names: readonly string[]): Finding {
    const who = `${counted(names.length, 'container')} (${namesText(names)})`
    const subject = 'logs'
    switch (way.kind) {
      case 'files':
        return { status: 'ok', subject, text: `${who} read from the engine's log files, driver ${way.driver}` }
      case 'engine': {
        const text = `${who} read through the engine, driver ${way.driver}`
        if (!way.file) return { status: 'ok', subject, text }
        const cure = `${way.file.hint ?? 'see what the matter is with the file'}: from its files a log costs the engine nothing`
        return { status: 'note', subject, text: `${text}: ${way.file.message}`, cure }
      }
      case 'none': {
        const text = `${who} cannot be read, driver ${way.driver}: ${way.reason}`
        return { status: 'mend', subject, text, cure: way.cure }
      }
    }
  }
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, maxNames).join(', ')
  return names.length > maxNames ? `${shown} and ${names.length - maxNames} more` : shown
}

/** What containers have in common that are told together: the files of two that cannot be read are two, and the reason is one. */
function kindOf(way: Way): string {
  switch (way.kind) {
    case 'files':
      return `files ${way.driver}`
    case 'engine':
      return `engine ${way.driver} ${way.file === undefined ? '' : String(way.file.isForbidden)}`
    case 'none':
      return `none ${way.driver} ${way.cure}`
  }
}
