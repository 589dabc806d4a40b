import { describe, expect, test } from 'vitest'
import { fieldsOf, type FoundFields } from './testing.ts'

describe('RFC 5424', () => {
  test.each<[string, FoundFields]>([
    [
      "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \ufeff'su root' failed",
      {
        ...{ facility: 'auth', severity: 'crit', time: '2003-10-11T22:14:15.003Z', host: 'mymachine.example.com' },
        ...{ app: 'su', msgid: 'ID47', message: "'su root' failed" },
      },
    ],
    [
      '<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - [a@1 iut="3" eventSource="App"][b@1 class=""] It\'s time',
      {
        ...{ facility: 'local4', severity: 'notice', time: '2003-08-24T05:14:15.000003-07:00', host: '192.0.2.1' },
        ...{ app: 'myproc', procid: '8710', 'a@1.iut': '3', 'a@1.eventSource': 'App', 'b@1.class': '' },
        message: "It's time",
      },
    ],
    [String.raw`1 - - - - - [x y="a\"b\]c\\d\n" z="ä"]`, { 'x.y': String.raw`a"b]c\d\n`, 'x.z': 'ä' }],
    ['<0>1 - - - - - [x]', { facility: 'kern', severity: 'emerg' }],
    ['<191>1 - - app - - -', { facility: 'local7', severity: 'debug', app: 'app' }],
    ['<13>1 - - - - - [x y="1" text', undefined],
    ['<13>1 - - - - - [x y=1] text', undefined],
    ['<13>1 - - - - - [x y="1"]text', undefined],
    ['<13>1 - - - - - [] text', undefined],
    ['<13>1 - - - -', undefined],
    [`<13>1 - - - - - [x ${'y'.repeat(600)}="1"]`, undefined],
  ])('%s', (line, expected) => {
    expect(fieldsOf({ format: 'syslog' }, line)).toEqual(expected)
  })
})

describe('RFC 3164', () => {
  const user = { facility: 'user', severity: 'notice' }
  test.each<[string, FoundFields]>([
    [
      "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick",
      {
        ...{ facility: 'auth', severity: 'crit', time: 'Oct 11 22:14:15', host: 'mymachine', app: 'su' },
        message: "'su root' failed for lonvick",
      },
    ],
    [
      'Feb  5 17:32:18 db sshd[812]: Accepted publickey',
      { time: 'Feb  5 17:32:18', host: 'db', app: 'sshd', procid: '812', message: 'Accepted publickey' },
    ],
    ['Feb 5 17:32:18 app[7] went well', { time: 'Feb 5 17:32:18', app: 'app', procid: '7', message: 'went well' }],
    [
      '<13>Feb  5 17:32:18 10.0.0.99 Use it!',
      { ...user, time: 'Feb  5 17:32:18', host: '10.0.0.99', message: 'Use it!' },
    ],
    [
      '2026-11-23T12:42:29.123456+01:00 db postfix/smtpd[1]: connect',
      { time: '2026-11-23T12:42:29.123456+01:00', host: 'db', app: 'postfix/smtpd', procid: '1', message: 'connect' },
    ],
    ['<13>app[1]: hello', { ...user, app: 'app', procid: '1', message: 'hello' }],
    ['<13>hello there', { ...user, message: 'hello there' }],
    ['<13>1 hello', { ...user, message: '1 hello' }],
    ['<13>', user],
    ['Feb  5 17:32:18', { time: 'Feb  5 17:32:18' }],
    ['Feb  5 17:32:18 h', { time: 'Feb  5 17:32:18', host: 'h' }],
    ['Feb  5 17:32:18 h []: x', { time: 'Feb  5 17:32:18', host: 'h', app: '[]', message: 'x' }],
    ['<192>hello', undefined],
    ['<>hello', undefined],
    ['<1234>hello', undefined],
    ['Feb  5 17:32:1 h x', undefined],
    ['Feb  5 17:32:180 h x', undefined],
    ['Feb  x 17:32:18 h x', undefined],
    ['no time', undefined],
    ['', undefined],
  ])('%s', (line, expected) => {
    expect(fieldsOf({ format: 'syslog' }, line)).toEqual(expected)
  })
})
