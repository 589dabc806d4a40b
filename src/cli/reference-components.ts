import { existsSync, readFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { registries } from '../app/registries.ts'
import { type ComponentKind, type ComponentSpec, kindOf, type Section, sections } from '../config/component-spec.ts'
import { type OptionRow, optionTable } from '../config/describe.ts'
import { ownFile } from '../lib/own-files.ts'
import { code, fence, page, table } from './markdown.ts'

interface ExampleSpec extends ComponentSpec {
  readonly examples: readonly object[]
}

const specs: Readonly<Record<Section, Readonly<Record<string, ExampleSpec>>>> = registries

/** One page for each component: `source-docker.md`. */
export function componentPages(): Readonly<Record<string, string>> {
  const pages = sections.flatMap((section) =>
    Object.values(specs[section]).map((spec) => {
      const examples = spec.examples.map((example) => exampleText(section, spec.name, example))
      const blocks = [
        `# ${titleOf(kindOf[section], spec.name)}`,
        spec.summary,
        ...proseOf(section, spec.name),
        ...examples,
        optionsText(optionTable(spec)),
      ]
      return [`${kindOf[section]}-${spec.name}.md`, page(...blocks)] as const
    }),
  )
  return Object.fromEntries(pages)
}

/** What was written by hand, beside the component's source; it is not shipped, and only needed where the pages are made. */
function proseOf(section: Section, type: string): readonly string[] {
  const path = ownFile(`src/${section}/${type}/README.md`)
  return existsSync(path) ? [readFileSync(path, 'utf8').trim()] : []
}

function titleOf(kind: ComponentKind, type: string): string {
  return `${kind.charAt(0).toUpperCase()}${kind.slice(1)} \`${type}\``
}

function exampleText(section: Section, type: string, options: object): string {
  const inputs = section === 'sources' ? {} : { inputs: ['engine'] }
  return fence('yaml', stringify({ [section]: { [idOf(section, type)]: { type, ...inputs, ...options } } }))
}

function idOf(section: Section, type: string): string {
  return section === 'sources' && type === 'docker' ? 'engine' : `my_${type}`
}

export function optionsText(rows: readonly OptionRow[]): string {
  if (rows.length === 0) return 'It takes no options.'
  const cells = rows.map(({ path, type, isRequired, default: preset, description, examples }) => [
    code(path),
    type,
    isRequired ? 'required' : code(preset ?? ''),
    [description, examples.length === 0 ? '' : `Example: ${examples.map(code).join(', ')}.`].join(' ').trim(),
  ])
  return table(['Option', 'Value', 'Default', 'Meaning'], cells)
}
