import { readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { SoakReportFacts, SoakReportsFacts } from '../../api/v1/facts.ts'
import { BoundedMap } from '../../lib/bounded-map.ts'
import { codeOf, messageOf } from '../../lib/error.ts'
import type { CollectorConfig } from '../registries.ts'

/** The latest that are told of. */
const maxReports = 100
/** A run of a day has some MiB. */
const maxFileBytes = 64 * 1024 * 1024

interface Read {
  readonly readFor: string
  readonly facts: SoakReportFacts
}

/** The reports of soak runs that lie in a folder, each in a folder of its own, as `soak --report` writes them. Read when somebody asks, and again when they have changed. */
export class SoakReports {
  readonly #config: () => Pick<CollectorConfig, 'dataDir' | 'api'>
  readonly #read = new BoundedMap<string, Read>(maxReports)

  constructor(config: () => Pick<CollectorConfig, 'dataDir' | 'api'>) {
    this.#config = config
  }

  /** The latest first. */
  async list(): Promise<SoakReportsFacts> {
    const folder = this.#folder()
    const found = await Promise.all((await namesIn(folder)).map((name) => fileIn(folder, name)))
    const latest = found
      .filter((one) => one !== undefined)
      .sort((a, b) => b.mtimeMs - a.mtimeMs)
      .slice(0, maxReports)
    const reports: SoakReportFacts[] = []
    // One after the other: each may be some MiB.
    for (const one of latest) reports.push(await this.#factsOf(folder, one))
    return { folder, reports }
  }

  /** The page of a report; undefined: there is none. */
  async page(name: string): Promise<Buffer | undefined> {
    const folder = this.#folder()
    // A name that was found, and nothing that leads elsewhere.
    if (!(await namesIn(folder)).includes(name)) return undefined
    try {
      const path = join(folder, name, 'report.html')
      return (await stat(path)).size > maxFileBytes ? undefined : await readFile(path)
    } catch {
      return undefined // It has been taken away since the list was made.
    }
  }

  #folder(): string {
    const { dataDir, api } = this.#config()
    return resolve(api.soak_reports ?? join(dataDir, 'soak'))
  }

  async #factsOf(folder: string, { name, mtimeMs, size }: RunFile): Promise<SoakReportFacts> {
    const readFor = `${folder} ${mtimeMs} ${size}`
    const known = this.#read.get(name)
    if (known?.readFor === readFor) return known.facts
    const facts = size > maxFileBytes ? broken(name, 'run.json is too long') : await factsIn(folder, name)
    this.#read.set(name, { readFor, facts })
    return facts
  }
}

interface RunFile {
  readonly name: string
  readonly mtimeMs: number
  readonly size: number
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Undefined: the folder is none of a report, or of one that has not been written yet. */
async function fileIn(folder: string, name: string): Promise<RunFile | undefined> {
  try {
    const { mtimeMs, size } = await stat(join(folder, name, 'run.json'))
    return { name, mtimeMs, size }
  } catch {
    return undefined
  }
}

async function factsIn(folder: string, name: string): Promise<SoakReportFacts> {
  // Loaded with the first report: it is a good part of the soak lab.
  const [{ readRun }, { verdictBlock }] = await Promise.all([
    import('../../soak/read-run.ts'),
    import('../../soak/report/sections/verdict.ts'),
  ])
  try {
    const run = readRun(`${name}/run.json`, await readFile(join(folder, name, 'run.json'), 'utf8'))
    const { outcome, headline, sentence } = verdictBlock(run)
    const { startedAt, seconds, version } = run
    const target = run.targets[0]?.name ?? ''
    return {
      name,
      problem: null,
      run: { startedAt, seconds, version, target, engine: run.engine.kind, outcome, headline, sentence },
    }
  } catch (error) {
    return broken(name, messageOf(error))
  }
}

function broken(name: string, problem: string): SoakReportFacts {
  return { name, problem, run: null }
}
