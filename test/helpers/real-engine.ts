import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCertificates } from './certificates.ts'
import { EngineClient } from './engine-client.ts'
import {
  cgroupOf,
  containerdWords,
  dockerdWords,
  engineFolderPrefix,
  isDaemonRunning,
  ownerFile,
  removeEngine,
  removeOrphans,
} from './engine-clean-up.ts'
import { freePort } from '../../src/lab/target/free-port.ts'
import { makeImage, testImage } from './engine-image.ts'
import { endProcesses, processesWith, send } from './processes.ts'
import { until } from './until.ts'

export interface RealEngineOptions {
  readonly isLiveRestore?: boolean
  /** NFd and NGoroutines in /info, /debug/pprof. */
  readonly isDebug?: boolean
  /** Besides the unix socket: a port on 127.0.0.1, plain or with client certificates. */
  readonly port?: 'tcp' | 'tls'
}

/**
 * A private Docker engine that a test starts and throws away: its own dockerd and containerd with everything they keep in one
 * temporary folder, so that any number run side by side and none is mistaken for the machine's. Needs root.
 * Containers have no network (`--bridge=none`); the one image is `testImage`.
 */
export class RealEngine implements AsyncDisposable {
  readonly folder: string
  readonly socketPath: string
  /** Talks to the engine over its unix socket, also after restarts. */
  readonly client: EngineClient
  /** `tcp://127.0.0.1:...` where a port was asked for. */
  readonly portHost: string | undefined
  /** Where a client's certificates are, as DOCKER_CERT_PATH has it; there only with `port: 'tls'`. */
  readonly certificateFolder: string
  #isLiveRestore: boolean
  readonly #isDebug: boolean
  readonly #listenWords: readonly string[]

  private constructor(folder: string, options: RealEngineOptions, listenWords: readonly string[]) {
    this.folder = folder
    this.socketPath = join(folder, 'docker.sock')
    this.certificateFolder = join(folder, 'certificates')
    this.client = new EngineClient({ socketPath: this.socketPath })
    this.portHost = listenWords.find((word) => word.startsWith('tcp://'))
    this.#isLiveRestore = options.isLiveRestore ?? false
    this.#isDebug = options.isDebug ?? false
    this.#listenWords = listenWords
  }

  static async open(options: RealEngineOptions = {}): Promise<RealEngine> {
    await removeOrphans()
    const folder = mkdtempSync(engineFolderPrefix())
    chmodSync(folder, 0o755)
    writeFileSync(join(folder, ownerFile), String(process.pid))
    try {
      const listenWords = await listenWordsOf(folder, options.port)
      const engine = new RealEngine(folder, options, listenWords)
      await engine.#startContainerd()
      await engine.start()
      await engine.#importImage()
      return engine
    } catch (error) {
      await removeEngine(folder)
      throw error
    }
  }

  /** `unix://...`, as DOCKER_HOST has it. */
  get host(): string {
    return `unix://${this.socketPath}`
  }

  /** The daemon's process id, for looking at its descriptors. */
  get daemonId(): number {
    const [id] = processesWith(dockerdWords(this.folder))
    if (id === undefined) throw new Error('dockerd does not run')
    return id
  }

  /** Starts the daemon; at `open`, and after `stop` or `kill`. */
  async start(): Promise<void> {
    this.#writeConfiguration()
    // What a killed daemon leaves behind: a pid file whose number may be somebody else's by now.
    rmSync(join(this.folder, 'dockerd.pid'), { force: true })
    const child = this.#spawn('dockerd', [
      ...['--config-file', join(this.folder, 'daemon.json'), ...dockerdWords(this.folder)],
      ...['--exec-root', join(this.folder, 'exec'), '--pidfile', join(this.folder, 'dockerd.pid')],
      ...['--containerd', join(this.folder, 'containerd.sock'), '-H', this.host, ...this.#listenWords],
      ...['--storage-driver', 'vfs', '--exec-opt', 'native.cgroupdriver=cgroupfs'],
      ...['--cgroup-parent', `/${cgroupOf(this.folder)}`, '--iptables=false', '--ip6tables=false', '--bridge=none'],
    ])
    await this.#untilReady('dockerd answers', child, () => this.client.isAnswering())
  }

  /** SIGTERM, and waits for the end: containers are stopped first, or left alone under live-restore. */
  async stop(): Promise<void> {
    await endProcesses(dockerdWords(this.folder), { signal: 'SIGTERM', withinMs: 30_000 })
  }

  /** SIGKILL; containers run on, the socket's path stays. */
  async kill(): Promise<void> {
    await endProcesses(dockerdWords(this.folder), { signal: 'SIGKILL', withinMs: 5_000 })
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** Takes effect at once when the daemon runs (it must be on BEFORE the daemon stops), else at the next start. */
  async setLiveRestore(isLiveRestore: boolean): Promise<void> {
    this.#isLiveRestore = isLiveRestore
    this.#writeConfiguration()
    if (!isDaemonRunning(this.folder)) return
    send([this.daemonId], 'SIGHUP')
    await until('dockerd has read its configuration again', async () => {
      const { LiveRestoreEnabled } = await this.client.get<{ LiveRestoreEnabled: boolean }>('/info')
      return LiveRestoreEnabled === isLiveRestore
    })
  }

  /** Ends everything of this engine, and leaves no process, mount, socket or file behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!existsSync(this.folder)) return
    if (isDaemonRunning(this.folder) && (await this.client.isAnswering())) await this.client.removeAll()
    await this.client[Symbol.asyncDispose]()
    await removeEngine(this.folder)
  }

  async #startContainerd(): Promise<void> {
    const socket = join(this.folder, 'containerd.sock')
    const plugins = [
      'grpc.v1.cri',
      'internal.v1.opt',
      'snapshotter.v1.btrfs',
      'snapshotter.v1.devmapper',
      'snapshotter.v1.zfs',
    ]
    const configuration = [
      'version = 2',
      `root = "${join(this.folder, 'containerd-data')}"`,
      `state = "${join(this.folder, 'containerd-state')}"`,
      `disabled_plugins = [${plugins.map((name) => `"io.containerd.${name}"`).join(', ')}]`,
      `[grpc]\naddress = "${socket}"`,
      '[debug]\naddress = ""',
      '[metrics]\naddress = ""',
    ]
    writeFileSync(join(this.folder, 'containerd.toml'), `${configuration.join('\n')}\n`)
    const child = this.#spawn('containerd', [...containerdWords(this.folder), '--log-level', 'warn'])
    await this.#untilReady('containerd listens', child, () => existsSync(socket))
  }

  async #importImage(): Promise<void> {
    const [repository, tag] = testImage.split(':')
    const query = `fromSrc=-&repo=${repository!}&tag=${tag!}&changes=${encodeURIComponent('ENV PATH=/bin')}`
    const image = makeImage(join(this.folder, 'image'))
    const { status, text } = await this.client.request('POST', `/images/create?${query}`, image)
    if (status !== 200 || text.includes('"error"')) throw new Error(`the test image could not be imported: ${text}`)
  }

  #writeConfiguration(): void {
    const configuration = { 'live-restore': this.#isLiveRestore, debug: this.#isDebug }
    writeFileSync(join(this.folder, 'daemon.json'), JSON.stringify(configuration))
  }

  /** Starts a process that outlives a Ctrl-C of the tests: it must be there for the clean-up. */
  #spawn(program: string, words: readonly string[]): ChildProcess {
    const log = openSync(join(this.folder, `${program}.log`), 'a')
    const path = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`
    const child = spawn(program, words, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, PATH: path },
    })
    closeSync(log)
    child.unref()
    return child
  }

  async #untilReady(what: string, child: ChildProcess, isReady: () => boolean | Promise<boolean>): Promise<void> {
    let failure: Error | undefined
    child.once('error', (error) => (failure = error))
    child.once('exit', (code, signal) => (failure ??= new Error(`it ended with ${code ?? signal ?? '?'}`)))
    try {
      await until(what, async () => {
        if (failure) throw failure
        return isReady()
      })
    } catch (cause) {
      const log = join(this.folder, `${child.spawnfile}.log`)
      const tail = existsSync(log) ? readFileSync(log, 'utf8').slice(-2000) : ''
      throw new Error(`the private engine does not start: ${child.spawnfile} says\n${tail}`, { cause })
    }
  }
}

async function listenWordsOf(folder: string, port: 'tcp' | 'tls' | undefined): Promise<string[]> {
  if (port === undefined) return []
  const words = ['-H', `tcp://127.0.0.1:${await freePort()}`]
  if (port === 'tcp') return [...words, '--tls=false']
  const certificates = join(folder, 'certificates')
  makeCertificates(certificates)
  const file = (name: string) => join(certificates, name)
  return [
    ...[...words, '--tlsverify', '--tlscacert', file('ca.pem')],
    ...['--tlscert', file('server-cert.pem'), '--tlskey', file('server-key.pem')],
  ]
}
