import { readFile } from 'node:fs/promises'
import type { Context, MiddlewareHandler } from 'hono'
import { ownFile } from '../lib/own-files.ts'

/** A file of the web page, as the build describes it (scripts/build-ui.mjs); compressed it lies beside itself. */
interface PageFile {
  readonly path: string
  readonly type: string
  readonly etag: string
  /** Its name changes with its content. */
  readonly isImmutable: boolean
}

const encodings = [
  { name: 'br', suffix: '.br' },
  { name: 'gzip', suffix: '.gz' },
] as const

/**
 * Whatever stands in a log, the page runs only what was shipped with it: no script but its own files, none within the document, and nobody
 * puts it into a frame.
 */
export const safeHeaders: MiddlewareHandler = async (context, next) => {
  await next()
  const { headers } = context.res
  // Where an answer has stricter ones of its own, these stay.
  for (const [name, value] of Object.entries(usualHeaders)) if (!headers.has(name)) headers.set(name, value)
}

const usualHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** Hands out the page's files, read when they are asked for. */
export class PageFiles {
  readonly #folder: URL
  #files: Promise<ReadonlyMap<string, PageFile>> | undefined

  constructor(folder = ownFile('dist/ui/')) {
    this.#folder = folder
  }

  /** Undefined: there is no such file. */
  async answer(context: Context): Promise<Response | undefined> {
    const { path } = context.req
    const file = (await this.#list()).get(path === '/' ? 'index.html' : path.slice(1))
    if (file === undefined) return undefined
    const headers = {
      etag: file.etag,
      'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
    }
    if (context.req.header('if-none-match') === file.etag) return context.body(null, 304, headers)
    const accepted = (context.req.header('accept-encoding') ?? '').split(',').map((one) => one.split(';')[0]!.trim())
    const encoding = encodings.find(({ name }) => accepted.includes(name))
    const bytes = await readFile(new URL(`${file.path}${encoding?.suffix ?? ''}`, this.#folder))
    return context.body(bytes, 200, {
      ...headers,
      'content-type': file.type,
      ...(encoding ? { 'content-encoding': encoding.name } : {}),
    })
  }

  #list(): Promise<ReadonlyMap<string, PageFile>> {
    this.#files ??= this.#read()
    return this.#files
  }

  async #read(): Promise<ReadonlyMap<string, PageFile>> {
    try {
      const text = await readFile(new URL('files.json', this.#folder), 'utf8')
      return new Map((JSON.parse(text) as PageFile[]).map((file) => [file.path, file]))
    } catch {
      return new Map() // It was not built: whoever asks for it is told that there is nothing here.
    }
  }
}
