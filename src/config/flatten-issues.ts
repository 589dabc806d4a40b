import type { z } from 'zod'

type Issue = z.core.$ZodIssue
type Simple = Exclude<
  Issue,
  z.core.$ZodIssueInvalidUnion | z.core.$ZodIssueInvalidElement | z.core.$ZodIssueInvalidType
>

/** One thing that the user got wrong, at its full path. */
export type FlatIssue =
  | Simple
  /** No alternative takes such a value; `expected` are zod's names of types, or values in quotes. */
  | { readonly code: 'wrong_type'; readonly path: PropertyKey[]; readonly expected: readonly string[] }

/** The issues as a person would name them: of a union only those of the alternative that was probably meant. */
export function flattenIssues(issues: readonly Issue[], path: readonly PropertyKey[] = []): readonly FlatIssue[] {
  return issues.flatMap((issue) => flatten(issue, [...path, ...issue.path]))
}

function flatten(issue: Issue, path: PropertyKey[]): readonly FlatIssue[] {
  switch (issue.code) {
    case 'invalid_type':
      return [{ code: 'wrong_type', path, expected: [issue.expected] }]
    case 'invalid_element':
      return flattenIssues(issue.issues, path)
    case 'invalid_union':
      return flattenUnion(issue, path)
    default:
      return [{ ...issue, path }]
  }
}

function flattenUnion(issue: z.core.$ZodIssueInvalidUnion, path: PropertyKey[]): readonly FlatIssue[] {
  if ('options' in issue && Array.isArray(issue.options)) {
    return [{ code: 'invalid_value', path, values: issue.options, message: issue.message }]
  }
  const branches = issue.errors.map((branch) => flattenIssues(branch, path))
  const fitting = branches.filter((branch) => !branch.some((one) => isAnotherKind(one, path)))
  if (fitting.length > 0) return fitting.reduce((best, branch) => (branch.length < best.length ? branch : best))
  const expected = branches.flatMap((branch) => branch.filter((one) => isAnotherKind(one, path)).flatMap(expectedBy))
  return [{ code: 'wrong_type', path, expected: [...new Set(expected)] }]
}

/** Whether the issue says that the value at `path` itself is of another kind than its alternative. */
function isAnotherKind(issue: FlatIssue, path: readonly PropertyKey[]): boolean {
  return (issue.code === 'wrong_type' || issue.code === 'invalid_value') && issue.path.length === path.length
}

function expectedBy(issue: FlatIssue): readonly string[] {
  if (issue.code === 'wrong_type') return issue.expected
  return issue.code === 'invalid_value' ? issue.values.map((value) => JSON.stringify(value)) : []
}
