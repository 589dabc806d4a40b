// `node --import ./scripts/typescript.mjs FILE.ts`: runs TypeScript of the project that is not built into dist/.
import { register } from 'node:module'

register('./typescript-hooks.mjs', import.meta.url)
