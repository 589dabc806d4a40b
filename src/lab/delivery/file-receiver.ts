import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../../lib/error.ts'
import type { Tally } from './tally.ts'

const everyMs = 100
const pieceBytes = 256 * 1024
/** A line of the lab begins within so many bytes, identity included. */
const carryCharacters = 64

interface Read {
  at: number
  /** The end of what was read, which may hold the beginning of an identity. */
  carry: string
}

/** Where a collector under test writes files: looks again and again for the lab's lines in what was added to them. Files are told apart by their inode. */
export class FileReceiver implements AsyncDisposable {
  readonly #path: string
  readonly #tally: Tally
  readonly #read = new Map<number, Read>()
  readonly #timer: NodeJS.Timeout

  constructor(path: string, tally: Tally) {
    this.#path = path
    this.#tally = tally
    this.#timer = setInterval(() => this.#look(), everyMs)
  }

  [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    return Promise.resolve()
  }

  #look(): void {
    for (const path of filesBelow(this.#path)) this.#lookAt(path)
  }

  #lookAt(path: string): void {
    const descriptor = openSync(path, 'r')
    try {
      const { ino, size } = statSync(path)
      const read = this.#read.get(ino) ?? { at: 0, carry: '' }
      this.#read.set(ino, read)
      // It was cut, to be written anew.
      if (size < read.at) Object.assign(read, { at: 0, carry: '' })
      const piece = Buffer.alloc(pieceBytes)
      for (let length = readSync(descriptor, piece, 0, pieceBytes, read.at); length > 0; ) {
        this.#take(read, piece.toString('latin1', 0, length))
        read.at += length
        length = readSync(descriptor, piece, 0, pieceBytes, read.at)
      }
    } finally {
      closeSync(descriptor)
    }
  }

  /** Takes the identities that are whole; one that is not yet is looked at again with what follows. */
  #take(read: Read, text: string): void {
    const whole = read.carry + text
    const end = whole.lastIndexOf(';') + 1
    this.#tally.takeFrom(whole.slice(0, end))
    read.carry = whole.slice(end).slice(-carryCharacters)
  }
}

function filesBelow(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    return readdirSync(path, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
  } catch (error) {
    // Nothing has been written yet.
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}
