import { Command } from 'commander'
import { registries } from '../app/registries.ts'
import { jsonSchema } from '../config/document-schema.ts'
import { printLine } from './print.ts'

export function schemaVerb(): Command {
  return new Command('schema')
    .description('print the JSON Schema of the configuration, for editors')
    .action(() => printLine(JSON.stringify(jsonSchema(registries), null, 2)))
}
