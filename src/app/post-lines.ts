import type { LineTaker, Post, PostAnswer } from '../api/v1/posts.ts'
import type { PostOutcome } from '../component/source.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'

/** A moment for a queue to get room. */
const busySeconds = 1
/** What is not safe after the source's whole time will not be in a second. */
const unconfirmedSeconds = 5

const example = 'add a source of type push, and to the inputs of a sink: sources: { posted: { type: push } }'

/** Gives posted lines to the source that is meant. */
export function createLineTaker(pipeline: Pick<Pipeline, 'receivers'>): LineTaker {
  return {
    async take({ source: wanted, ...post }: Post, signal): Promise<PostAnswer> {
      const receivers = pipeline.receivers()
      const ids = [...receivers.keys()]
      if (ids.length === 0)
        return {
          status: 404,
          body: { error: 'the configuration has no source that takes posted lines', hint: example },
        }
      const id = wanted ?? ids[0]!
      const receive = receivers.get(id)
      const hint = `there are ${ids.join(', ')}: add ?source=${ids[0]!}`
      if (receive === undefined)
        return { status: 404, body: { error: `there is no source "${id}" that takes posted lines`, hint } }
      if (wanted === undefined && ids.length > 1)
        return { status: 400, body: { error: 'several sources take posted lines', hint } }
      return answerOf(id, await receive(post, signal))
    },
  }
}

function answerOf(source: string, outcome: PostOutcome): PostAnswer {
  switch (outcome.status) {
    case 'delivered':
      return { status: 200, body: { source, lines: outcome.lines } }
    case 'malformed': {
      const { count, lines } = outcome
      const told = lines.map(({ line, problem }) => `line ${line} ${problem}`)
      const more = count > lines.length ? `, and ${count - lines.length} more` : ''
      const hint = 'mend them and send all of them again'
      return {
        status: 400,
        body: { error: `nothing was taken: ${told.join(', ')}${more}`, hint, malformed: lines, count },
      }
    }
    case 'late':
      return { status: 408, body: { error: outcome.reason, hint: 'send it again' } }
    case 'busy':
      return {
        ...{ status: 429, retryAfterSeconds: busySeconds },
        body: { error: outcome.reason, hint: 'nothing was taken: send it again a little later' },
      }
    case 'unconfirmed':
      return {
        ...{ status: 503, retryAfterSeconds: unconfirmedSeconds },
        body: { error: outcome.reason, hint: 'send it again; lines may arrive twice then' },
      }
  }
}
