import { isIP } from 'node:net'
import { z } from 'zod'
import { bytes } from '../component/options.ts'
import { type ListenAddress, listen } from './listen.ts'

const role = () =>
  z.enum(['viewer', 'admin', 'writer']).default('viewer').meta({
    description:
      '`viewer` may ask everything; `admin` may change things, too: reload, replay and drop dead letters, post lines; `writer` may post lines, and nothing else.',
  })

const credential = z.union([
  z.strictObject({
    token: z
      .string()
      .min(16)
      .meta({
        description: 'A bearer token, 16 characters or more.',
        secret: true,
        examples: ['${file:/run/secrets/log-capturer-token}'],
      }),
    role: role(),
  }),
  z.strictObject({
    username: z
      .string()
      .min(1)
      .regex(/^[^:]*$/, 'a user name holds no colon')
      .meta({ description: 'A user name, for basic authentication.' }),
    password: z.string().min(8).meta({ description: 'Its password, 8 characters or more.', secret: true }),
    role: role(),
  }),
  z.strictObject({
    certificate: z.string().min(1).meta({
      description:
        'The common name of a client certificate that an authority of `tls.client_ca_file` has signed; `*`: any.',
    }),
    role: role(),
  }),
])

const tls = z.strictObject({
  cert_file: z
    .string()
    .min(1)
    .meta({ description: 'PEM file with the certificate of the collector, and those between it and its authority.' }),
  key_file: z.string().min(1).meta({ description: 'PEM file with its key.' }),
  client_ca_file: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'PEM file with the authorities of client certificates, see `auth`.' }),
})

const fields = z.strictObject({
  listen: listen().prefault('127.0.0.1:8401').meta({
    description:
      'Address of the web page, the API, `/metrics` and `/health`; `off` for none. Beyond this host it takes `tls` and `auth`.',
  }),
  tls: tls.optional().meta({ description: 'HTTPS in the place of HTTP. The files are read again at each reload.' }),
  auth: z.array(credential).default([]).meta({
    description:
      'Who may ask: each a token, a user, or a client certificate. None: everybody who can reach the address. `/health/live` and `/health/ready` and the files of the page need none.',
  }),
  soak_reports: z.string().min(1).optional().meta({
    description:
      'Folder of reports of soak runs that the page shows, a folder for each, as `soak --report FOLDER/NAME` writes them. Not given: `soak` in `data_dir`.',
  }),
  limits: z
    .strictObject({
      requests_per_second: z.int().min(1).default(100).meta({ description: 'Of one address; twice as many at once.' }),
      body: bytes().prefault('1MiB').meta({ description: 'Bytes of the body of a request.' }),
      connections: z.int().min(1).default(256).meta({ description: 'Open at a time.' }),
    })
    .prefault({})
    .meta({ description: 'What askers may take of the collector.' }),
})

/** The HTTP server of the collector. */
export const apiSettings = fields.superRefine(({ listen: address, tls: files, auth }, context) => {
  const add = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
  if (address !== 'off' && !isLoopback(address)) {
    const missing = [...(files ? [] : ['tls']), ...(auth.length > 0 ? [] : ['auth'])]
    if (missing.length > 0)
      add(
        'listen',
        `others than this host can reach ${address.host}, which reads logs and changes what is kept: set api.${missing.join(' and api.')}, too, or listen on 127.0.0.1`,
      )
  }
  if (auth.some((one) => 'certificate' in one) && files?.client_ca_file === undefined)
    add('auth', 'a client certificate is checked by api.tls.client_ca_file, which is not given: name the file')
})

export type ApiSettings = z.output<typeof fields>

/** Whether only this host can reach it. A name other than localhost could be that of any address. */
function isLoopback({ host }: ListenAddress): boolean {
  if (host === 'localhost') return true
  return (isIP(host) === 4 && host.startsWith('127.')) || (isIP(host) === 6 && /^(0{0,4}:){2,7}0{0,3}1$/.test(host))
}
