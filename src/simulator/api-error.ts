/** An answer with a status of 400 or above, as the real engine words it. Never leaves the simulator. */
export class ApiError extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'ApiError'
    this.status = status
  }
}
