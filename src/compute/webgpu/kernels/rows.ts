import { groupKernel, type Kernel, type KernelSource, type Sizes, WORKGROUP_SIZE } from "../kernel.ts";

/** Invocations that share a row. */
export const SHARE = 8;
const ROWS_PER_GROUP = WORKGROUP_SIZE / SHARE;

/**
 * A kernel whose rows are worked on by eight neighbouring invocations each. `body` sees `row`, `lane` (0 to 7) and
 * `open`, false behind the last row, where nothing may be written; `total(local, value)` and `largest(local, value)` join
 * what the eight have, in a fixed order, and hold barriers: all call them, whatever `open` says.
 */
export function rowKernel(
  { rows, sizes = {}, ...source }: Omit<KernelSource, "sizes"> & {
    readonly rows: number;
    readonly sizes?: Partial<Omit<Sizes, "invocations" | "rows">>;
  },
): Kernel {
  return groupKernel({
    ...source,
    groups: Math.ceil(rows / ROWS_PER_GROUP),
    sizes: { ...sizes, rows },
    functions: `var<workgroup> shared_values: array<vec2<f32>, ${WORKGROUP_SIZE}>;
${join("total", (a, b) => `(${a} + ${b})`)}
${join("largest", (a, b) => `max(${a}, ${b})`)}
${source.functions ?? ""}`,
    body: `let open = group * ${ROWS_PER_GROUP} + local / ${SHARE} < sizes.rows;
  let row = min(group * ${ROWS_PER_GROUP} + local / ${SHARE}, sizes.rows - 1);
  let lane = local % ${SHARE};
  ${source.body}`,
  });
}

/** A function that joins two values of each invocation with those of its row, pair by pair. */
function join(name: string, of: (a: string, b: string) => string): string {
  const tree = (first: number, count: number): string =>
    count === 1
      ? `shared_values[first + ${first}]`
      : of(tree(first, count / 2), tree(first + count / 2, count / 2));
  return `fn ${name}(local: i32, value: vec2<f32>) -> vec2<f32> {
  workgroupBarrier();
  shared_values[local] = value;
  workgroupBarrier();
  let first = local / ${SHARE} * ${SHARE};
  return ${tree(0, SHARE)};
}`;
}
