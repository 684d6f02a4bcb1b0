import { groupKernel, type Kernel, kernel, lanesOf, vector, WORKGROUP_SIZE } from "../kernel.ts";

/** Rows of a table, looked up by token: `tokens` is `[rows]`, whole numbers as 32-bit floats. */
export interface EmbeddingShape {
  readonly rows: number;
  readonly vocabulary: number;
  readonly units: number;
}

/** `(tokens, table [vocabulary, units]) → y [rows, units]` */
export function embed({ rows, vocabulary, units }: EmbeddingShape): Kernel {
  const { type, groups } = vectors(units);
  return kernel({
    name: `embedding ${vocabulary}x${units}`,
    reads: { tokens: "f32", table: type },
    writes: { y: type },
    sizes: { invocations: rows * groups },
    functions: tokenAt(vocabulary),
    body: `let token = tokenAt(index / ${groups});
  y[index] = table[token * ${groups} + index % ${groups}];`,
  });
}

/** Places in the order of tokens that one invocation adds up. */
const CHUNK = 64;

/**
 * `(tokens) → order [rows], starts [vocabulary + 1]`: the rows by token, those of one token in their own order, and where
 * each token's begin. A workgroup a token counts and places its rows: a sort without atomics, the same every time.
 */
export function tokenOrder({ rows, vocabulary }: EmbeddingShape): Kernel {
  return groupKernel({
    name: `token_order ${vocabulary}`,
    reads: { tokens: "f32" },
    writes: { order: "i32", starts: "i32" },
    groups: vocabulary,
    sizes: { rows, each: Math.ceil(rows / WORKGROUP_SIZE) },
    functions: `var<workgroup> counts: array<vec2<i32>, ${WORKGROUP_SIZE}>;
${tokenAt(vocabulary)}`,
    body: `let begin = local * sizes.each;
  let end = min(begin + sizes.each, sizes.rows);
  var mine = vec2<i32>(0);
  for (var row = begin; row < end; row++) {
    let token = tokenAt(row);
    mine = mine + vec2<i32>(i32(token < group), i32(token == group));
  }
  counts[local] = mine;
  workgroupBarrier();
  var start = 0;
  var before = 0;
  for (var other = 0; other < ${WORKGROUP_SIZE}; other++) {
    start = start + counts[other].x;
    if (other < local) { before = before + counts[other].y; }
  }
  if (local == 0) { starts[group] = start; }
  if (local == 0 && group == 0) { starts[${vocabulary}] = sizes.rows; }
  var place = start + before;
  for (var row = begin; row < end; row++) {
    if (tokenAt(row) == group) {
      order[place] = row;
      place = place + 1;
    }
  }`,
  });
}

/**
 * `(tokens, order, dy) → partial [rows, units]`: sums over the rows of one token among ${CHUNK} neighbours in the order, each
 * at the place of its first; the other places are not written.
 */
export function tokenSums({ rows, vocabulary, units }: EmbeddingShape): Kernel {
  const { type, groups } = vectors(units);
  return kernel({
    name: `token_sums ${units}`,
    reads: { tokens: "f32", order: "i32", dy: type },
    writes: { partial: type },
    sizes: { invocations: Math.ceil(rows / CHUNK) * groups, rows },
    functions: tokenAt(vocabulary),
    body: `let group = index % ${groups};
  let begin = index / ${groups} * ${CHUNK};
  let end = min(begin + ${CHUNK}, sizes.rows);
  var first = begin;
  var token = tokenAt(order[begin]);
  var sum = ${type}(0.0);
  for (var place = begin; place < end; place++) {
    let row = order[place];
    let own = tokenAt(row);
    if (own != token) {
      partial[first * ${groups} + group] = sum;
      first = place;
      token = own;
      sum = ${type}(0.0);
    }
    sum = sum + dy[row * ${groups} + group];
  }
  partial[first * ${groups} + group] = sum;`,
  });
}

/** `(starts, partial) → gradient [vocabulary, units]`: what {@link tokenSums} left of each token, in order. */
export function tokenTotals({ vocabulary, units }: EmbeddingShape): Kernel {
  const { type, groups } = vectors(units);
  return kernel({
    name: `token_totals ${vocabulary}x${units}`,
    reads: { starts: "i32", partial: type },
    writes: { gradient: type },
    sizes: { invocations: vocabulary * groups },
    body: `let group = index % ${groups};
  let begin = starts[index / ${groups}];
  let end = starts[index / ${groups} + 1];
  var sum = ${type}(0.0);
  if (begin < end) {
    sum = partial[begin * ${groups} + group];
    for (var place = (begin / ${CHUNK} + 1) * ${CHUNK}; place < end; place += ${CHUNK}) {
      sum = sum + partial[place * ${groups} + group];
    }
  }
  gradient[index] = sum;`,
  });
}

/** `(x [batch, size], table [size]) → y`: the same table added to each image. */
export function addToEach(batch: number, size: number): Kernel {
  const { type, groups } = vectors(size);
  return kernel({
    name: `positional_embedding ${size}`,
    reads: { x: type, table: type },
    writes: { y: type },
    sizes: { invocations: batch * groups },
    body: `y[index] = x[index] + table[index % ${groups}];`,
  });
}

/** The token of a row; data hold none beyond the table, and a kernel must not read beyond it. */
function tokenAt(vocabulary: number): string {
  return `fn tokenAt(row: i32) -> i32 { return clamp(i32(tokens[row]), 0, ${vocabulary - 1}); }`;
}

function vectors(units: number): { type: string; groups: number } {
  const lanes = lanesOf(units);
  return { type: vector(lanes), groups: units / lanes };
}
