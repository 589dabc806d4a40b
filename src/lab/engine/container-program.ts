import type { Life } from '../work/plan.ts'

/**
 * What every container runs, in a shell of any kind. It counts its own starts in a file, since the command stays the same: RUNS has `lines:bytes:ending` of each run, FIRST is the
 * number of the first, LAB the name that lines carry. A start that no run was planned for, after the daemon was restarted, says nothing.
 */
const program = `
n=$(cat /run-number 2>/dev/null || echo 0)
echo $((n + 1)) > /run-number
run=$((FIRST + n))
set -- $RUNS
trap 'exit 0' TERM
if [ $# -le $n ]; then sleep 3600 & wait; fi
shift $n
IFS=:
set -- $1
pad=$(printf "%0$2d" 0)
i=1
while [ $i -le $1 ]; do
  if [ $((i % 40)) -lt 20 ]; then echo "soak#$LAB#$run#$i; $pad"; else echo "soak#$LAB#$run#$i; $pad" >&2; fi
  i=$((i + 1))
done
case $3 in
  exits) exit 0 ;;
  fails) exit 1 ;;
esac
sleep 3600 & wait`

/** The parts of a create request that make a container live its life. */
export function programOf(
  { runs }: Life,
  { lab, firstRun }: { readonly lab: string; readonly firstRun: number },
): { readonly Cmd: readonly string[]; readonly Env: readonly string[] } {
  const plans = runs.map(({ lines, lineBytes, ending }) => `${lines}:${lineBytes}:${ending.split(' ').at(-1)!}`)
  return { Cmd: ['sh', '-c', program], Env: [`RUNS=${plans.join(' ')}`, `FIRST=${firstRun}`, `LAB=${lab}`] }
}
