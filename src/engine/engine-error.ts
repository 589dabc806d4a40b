import { LogCapturerError } from '../lib/error.ts'

/** The engine's address cannot be used as written. */
export class AddressError extends LogCapturerError {
  readonly code = 'ENGINE_ADDRESS'
}

/** The engine did not answer: nothing listens, no permission, a time-out, a connection cut. */
export class EngineUnreachable extends LogCapturerError {
  readonly code = 'ENGINE_UNREACHABLE'
}

/** The engine answered, but not with what was asked for. */
export class EngineStatusError extends LogCapturerError {
  readonly code = 'ENGINE_STATUS'
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

/** What came over the connection is no HTTP/1.1 response, or not a whole one. */
export class ResponseError extends LogCapturerError {
  readonly code = 'ENGINE_RESPONSE'
}

/** The body of a log response is not in the engine's log format. */
export class FrameError extends LogCapturerError {
  readonly code = 'ENGINE_FRAME'
}

/** No API version is understood by both sides. */
export class VersionError extends LogCapturerError {
  readonly code = 'ENGINE_VERSION'
}
