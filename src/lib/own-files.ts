/** The folder that package.json is in: two above each of src/lib, dist/lib and dist/bundle, where this module may run. */
const root = new URL('../../', import.meta.url)

/** A file of the program itself, by its path below package.json's folder. */
export function ownFile(path: string): URL {
  return new URL(path, root)
}
