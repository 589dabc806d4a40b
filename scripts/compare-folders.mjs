import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Names of the files that only one of two flat folders has, or that differ. */
export function compareFolders(one, other) {
  const contentsOf = (folder) => {
    const names = existsSync(folder) ? readdirSync(folder) : []
    return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
  }
  const [first, second] = [contentsOf(one), contentsOf(other)]
  const names = [...new Set([...first.keys(), ...second.keys()])].sort()
  return names.filter((name) => first.get(name) !== second.get(name))
}
