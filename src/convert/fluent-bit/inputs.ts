import { Chain } from '../chain.ts'
import type { Draft } from '../draft.ts'
import type { InputNode } from '../input-node.ts'
import { dockerFiles, postedSource } from '../source.ts'
import { joinLines } from './multiline.ts'
import { applyParser } from './parsers.ts'
import type { FluentBit } from './read.ts'

const ofFiles = [
  'db',
  'db.sync',
  'db.locking',
  'mem_buf_limit',
  'skip_long_lines',
  'refresh_interval',
  'rotate_wait',
  'docker_mode',
  'docker_mode_flush',
  'buffer_chunk_size',
  'buffer_max_size',
  'storage.type',
  'inotify_watcher',
  'alias',
  'path_key',
  'key',
  'ignore_older',
]

export function tagOf(node: InputNode): string {
  const tag = node.get('tag')?.text() ?? node.get('name')?.text() ?? ''
  return tag.replaceAll('*', 'file')
}

export function addInput(node: InputNode, config: FluentBit, draft: Draft): Chain {
  const type = node.get('name')?.text().toLowerCase() ?? ''
  const name = tagOf(node).replace(/\.?file$/, '') || type
  const path = node.get('path')
  if (type !== 'tail' || path === undefined || !dockerFiles(path.text())) {
    const why = type === 'forward' ? "Fluent's forward protocol is not received" : `an input "${type}" is not there`
    const chain = new Chain(draft, { name, inputs: [postedSource(draft, { node, name, why })] })
    const parser = node.get('parser')
    if (parser !== undefined) applyParser(parser, { from: undefined, config }, chain)
    return chain
  }
  for (const key of ofFiles) node.get(key)?.use()
  const excluded = node.get('exclude_path')
  if (excluded !== undefined)
    draft.gap(
      excluded,
      'containers are not told apart by their files',
      'use exclude of the source: names, images or labels',
    )
  const from = node.get('read_from_head')?.isTrue() === true ? undefined : 'now'
  const chain = new Chain(draft, {
    name,
    inputs: [draft.add('sources', { id: name, from: node }, { type: 'docker', from })],
  })
  const parser = node.get('parser')
  if (parser !== undefined && parser.text() !== 'json') applyParser(parser, { from: undefined, config }, chain)
  const several = node.get('multiline.parser')
  if (several !== undefined) joinLines(several, config, chain)
  return chain
}
