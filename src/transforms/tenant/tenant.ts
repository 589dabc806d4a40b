import { FieldsBuilder } from '../../batch/fields/fields-builder.ts'
import { lineFlags } from '../../batch/flags.ts'
import { LineTemplate } from '../../batch/line-template.ts'
import { burstOf, RateLimits } from '../../batch/rate-limits.ts'
import { defineTransform } from '../../component/transform.ts'
import { options, type TenantOptions } from './schema.ts'

/** The field that says it. */
const tenantField = 'tenant'

export const tenant = defineTransform({
  name: 'tenant',
  summary: 'Says whose lines are, and holds each tenant to its quota.',
  options,
  examples: [
    { from: '{labels.team}' },
    { from: '{labels.team}', default: 'shared', lines_per_second: 1_000, quotas: { shop: 5_000 } },
  ],
  create: (given) => {
    const template = new LineTemplate(given.from)
    const builder = new FieldsBuilder()
    const limitOf = limitsOf(given)
    return {
      apply: (batch) => {
        const { flags, origin } = batch.columns
        template.begin(batch)
        builder.begin(batch.count, batch.fields)
        const field = builder.names.numberOfText(tenantField)
        for (let row = 0; row < batch.count; row++) {
          builder.row()
          if ((flags[row]! & lineFlags.dropped) !== 0) continue
          const name = template.fill(batch, row) || given.default
          builder.setText(field, name)
          const limits = limitOf(name)
          const { key } = batch.origins[origin[row]!]!
          if (limits?.mayPass(name, limits.placeOf(key), batch, row) === false)
            flags[row] = flags[row]! | lineFlags.dropped
        }
        return batch.withFields(builder.finish())
      },
    }
  },
})

/** The limits that a tenant is held to; undefined: none. */
function limitsOf({
  lines_per_second: common,
  burst,
  quotas,
}: TenantOptions): (name: string) => RateLimits | undefined {
  const limits = (rate: number) => new RateLimits({ linesPerSecond: rate, burst: burst ?? burstOf(rate) })
  const own = new Map(Object.entries(quotas).map(([name, rate]) => [name, limits(rate)]))
  const others = common === undefined ? undefined : limits(common)
  return (name) => own.get(name) ?? others
}
