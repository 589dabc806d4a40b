import { allOf } from '../cel.ts'
import type { InputNode } from '../input-node.ts'
import type { Job } from './job.ts'
import { conditionOfSelector } from './selector.ts'

/** Stages for the lines that a selector of LogQL chooses, or an end to them. */
export function match(options: InputNode, job: Job, apply: (stages: readonly InputNode[], job: Job) => void): void {
  const { chain } = job
  const selector = options.get('selector')
  const name = options.get('pipeline_name')?.text()
  options.get('drop_counter_reason')?.use()
  const condition = conditionOfSelector(selector?.text() ?? '', job.labels)
  if ('problem' in condition) {
    chain.draft.gap(
      options,
      condition.problem,
      'write the condition as where of a filter or a route, and its stages behind that',
    )
    return
  }
  if (options.get('action')?.text() === 'drop') {
    for (const [, node] of options.entries) node.use()
    chain.then('filter', options, { where: `!(${allOf([condition.where])})` }, `${chain.name}_drop`)
    return
  }
  const stages = options.get('stages')?.items() ?? []
  if (stages.length === 0) return
  const id = chain.then(
    'route',
    options,
    { routes: { matched: { where: condition.where } } },
    name === undefined ? `${chain.name}_match` : `${chain.name}_${name}`,
  )
  const branch = chain.branch([`${id}.matched`], id)
  const branchJob: Job = { ...job, chain: branch }
  apply(stages, branchJob)
  job.tenant = branchJob.tenant
  chain.inputs = [...branch.inputs, `${id}.default`]
  chain.hasParted = true
  chain.hasFields ||= branch.hasFields
}
