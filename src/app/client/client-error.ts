import { LogCapturerError } from '../../lib/error.ts'

/** A collector cannot be asked. */
export class ClientError extends LogCapturerError {
  readonly code: string = 'COLLECTOR_CLIENT'
}

/** Nothing answers there. */
export class NoCollectorError extends ClientError {
  override readonly code = 'NO_COLLECTOR'
}

/** The collector, or what else is there, has answered with a refusal. */
export class RefusedError extends ClientError {
  override readonly code = 'COLLECTOR_REFUSED'
  readonly status: number

  constructor(message: string, { status, hint }: { readonly status: number; readonly hint: string }) {
    super(message, { hint })
    this.status = status
  }
}
