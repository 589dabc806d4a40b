import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { freePort } from '../../src/lab/target/free-port.ts'
import { until } from './until.ts'

interface QueryAnswer {
  readonly status: string
  readonly error?: string
  readonly data?: { readonly result: readonly object[] }
}

/** A Prometheus (Debian's) of the test's own, with its data in a folder that goes with it; scrapes once a second. */
export class Prometheus implements AsyncDisposable {
  readonly url: string
  readonly #child: ChildProcess
  readonly #folder: string

  private constructor(url: string, child: ChildProcess, folder: string) {
    this.url = url
    this.#child = child
    this.#folder = folder
  }

  /** `scrape`: the fields of its one scrape job, `static_configs` at least. `rulesFile`: alert rules that it evaluates, too. */
  static async open(scrape: object, rulesFile: string): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'prometheus-'))
    const configuration = {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [rulesFile],
      scrape_configs: [{ job_name: 'log-capturer', ...scrape }],
    }
    writeFileSync(join(folder, 'prometheus.yml'), stringify(configuration))
    const port = await freePort()
    const words = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`]
    const child = spawn('prometheus', [...words, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const prometheus = new Prometheus(`http://127.0.0.1:${port}`, child, folder)
    let said = ''
    child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()))
    child.on('error', (error) => (said += error.message))
    await until(
      'Prometheus (the Debian package) is ready',
      async () => (await fetch(`${prometheus.url}/-/ready`).catch(() => undefined))?.ok,
      { seen: () => said },
    )
    return prometheus
  }

  /** How many series a question is answered with. @throws what Prometheus has against the question */
  async seriesOf(query: string): Promise<number> {
    const answer = await fetch(`${this.url}/api/v1/query?${new URLSearchParams({ query }).toString()}`)
    const { status, error, data } = (await answer.json()) as QueryAnswer
    if (status !== 'success') throw new Error(`${query}: ${error ?? status}`)
    return data!.result.length
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.url}${path}`)).json()) as T
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.kill('SIGKILL')
      await ended
    }
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
