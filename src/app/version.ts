import { readFileSync } from 'node:fs'
import { ownFile } from '../lib/own-files.ts'

export const version = (JSON.parse(readFileSync(ownFile('package.json'), 'utf8')) as { version: string }).version
