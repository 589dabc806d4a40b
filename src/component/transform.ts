import type { z } from 'zod'
import type { Batch } from '../batch/batch.ts'

/**
 * Changes a batch in place: flags lines as dropped, narrows `start` and `end`. It is called for one batch at a time,
 * in order, owns the batch's columns while it runs and must not keep the batch. What it throws stops the pipeline branch.
 */
export interface Transform {
  apply(batch: Batch): void
}

export interface TransformSpec<Name extends string, Schema extends z.ZodObject> {
  /** The word in the configuration's `type`, and the name of the folder. */
  readonly name: Name
  readonly summary: string
  readonly options: Schema
  readonly examples: readonly [z.input<Schema>, ...z.input<Schema>[]]
  create(options: z.output<Schema>): Transform
}

export function defineTransform<const Name extends string, Schema extends z.ZodObject>(
  spec: TransformSpec<Name, Schema>,
): TransformSpec<Name, Schema> {
  return spec
}
