// @ts-check

/** @type {import('log-capturer/script').Script} */
export default (row) => {
  if (row.fields.status === 204) return false
  if (typeof row.fields.ms === 'number') row.fields.seconds = row.fields.ms / 1000
  row.text = row.text.replace(/ {2,}/g, ' ')
}
