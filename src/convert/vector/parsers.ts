import type { Expression } from './vrl.ts'

/** A call of VRL that finds fields, as options of `parse`. */
export interface ParsedBy {
  readonly options: Readonly<Record<string, unknown>>
  /** The path that is parsed. */
  readonly from: string
  /** What Vector calls fields that log-capturer calls otherwise. */
  readonly renamed: Readonly<Record<string, string>>
}

const accessLog = { ident: 'identity', time: 'timestamp', bytes: 'size', referer: 'referrer', user_agent: 'agent' }
const commonLog = { ident: 'identity', time: 'timestamp', bytes: 'size' }
const syslog = { host: 'hostname', app: 'appname', time: 'timestamp' }

/** Patterns of grok that both have. */
const usualPatterns: ReadonlySet<string> = new Set(
  'WORD NOTSPACE SPACE DATA GREEDYDATA QUOTEDSTRING QS INT POSINT NONNEGINT NUMBER BASE10NUM UUID USERNAME USER EMAILADDRESS IPV4 IPV6 IP HOSTNAME IPORHOST HOSTPORT MAC PATH URI URIPATH URIPATHPARAM MONTH MONTHNUM MONTHDAY DAY YEAR HOUR MINUTE SECOND TIME DATE TIMESTAMP_ISO8601 HTTPDATE SYSLOGTIMESTAMP LOGLEVEL PROG SYSLOGBASE COMMONAPACHELOG COMBINEDAPACHELOG'.split(
    ' ',
  ),
)

/** Undefined: it is no parser, or none that is known. */
export function parserOf(value: Expression): ParsedBy | undefined {
  // What is done when it fails: the line goes on as it is, as where the other side is an empty object.
  if (value.kind === 'binary' && value.sign === '??') return parserOf(value.left)
  if (value.kind !== 'call') return undefined
  const [of, ...others] = value.args
  const source = of?.value.kind === 'call' && of.value.name === 'string' ? of.value.args[0]?.value : of?.value
  if (source?.kind !== 'path' || source.name === '') return undefined
  const textOf = (name: string, position: number) => {
    const found =
      others.find((arg) => arg.name === name) ?? (others[position]?.name === undefined ? others[position] : undefined)
    return found?.value.kind === 'text' || found?.value.kind === 'regex' ? found.value.value : undefined
  }
  const made = (options: Record<string, unknown>, renamed: Record<string, string> = {}) => ({
    options,
    from: source.name,
    renamed,
  })
  switch (value.name) {
    case 'parse_json':
      return made({ format: 'json' })
    case 'parse_logfmt':
      return made({ format: 'logfmt' })
    case 'parse_syslog':
      return made({ format: 'syslog' }, syslog)
    case 'parse_common_log':
      return made({ format: 'clf' }, commonLog)
    case 'parse_apache_log':
    case 'parse_nginx_log': {
      const format = textOf('format', value.name === 'parse_nginx_log' ? 0 : 1) ?? textOf('format', 0)
      if (format === 'combined') return made({ format: 'combined' }, accessLog)
      return format === 'common' ? made({ format: 'clf' }, commonLog) : undefined
    }
    case 'parse_key_value': {
      const [separator, pairs] = [textOf('key_value_delimiter', 0), textOf('field_delimiter', 1)]
      return made({
        format: 'key_value',
        ...(separator !== undefined && { key_value_separator: separator }),
        ...(pairs !== undefined && { pair_separator: pairs }),
      })
    }
    case 'parse_regex': {
      const pattern = textOf('pattern', 0)
      return pattern?.includes('?') === true ? made({ format: 'regex', pattern }) : undefined
    }
    case 'parse_grok': {
      const pattern = textOf('pattern', 0)
      const names = [...(pattern ?? '').matchAll(/%\{(\w+)/g)].map(([, name]) => name!)
      return pattern === undefined || !names.every((name) => usualPatterns.has(name))
        ? undefined
        : made({ format: 'grok', pattern })
    }
    default:
      return undefined
  }
}
