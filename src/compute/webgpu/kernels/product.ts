import { groupKernel, type Kernel, lane, range, type Sizes, vector } from "../kernel.ts";

/** Rows and columns of the result that a workgroup computes, and how far it goes along the inner side at a time. */
export const TILE = 32;
/** Neighbouring rows, and columns, of one invocation. */
const EACH = 4;
const ACROSS = TILE / EACH;

/** A matrix in a buffer: the value at (r, c) of item `item` lies at `origin` + r · `row` + c · `column`. */
export interface Operand {
  readonly buffer: string;
  /** WGSL of `item`. */
  readonly origin: string;
  /** One of both is 1. */
  readonly row: number;
  readonly column: number;
}

export interface ProductPlan {
  readonly name: string;
  /** Matrices of one shape, one product each. */
  readonly items: number;
  /** Rows and columns of the result, and the inner side; rows and the inner side may depend on the batch. */
  readonly rows: Extent;
  readonly inner: Extent;
  readonly columns: number;
  readonly left: Operand;
  readonly right: Operand;
  readonly into: Operand;
  /** 4 where every origin, stride and extent is a multiple of 4, so that vectors are loaded; else 1. */
  readonly lanes: 1 | 4;
  /** Batch-dependent numbers that the expressions of this plan name. */
  readonly sizes?: Partial<Omit<Sizes, "invocations">>;
  /** WGSL of `item`, `firstRow` and `firstColumn`: the part of the inner side that counts, from a multiple of 4 on. */
  readonly begin?: string;
  readonly end?: string;
  /** WGSL of `firstRow` and `firstColumn`: tiles of the result that nobody reads. */
  readonly unread?: string;
  /** What is stored: of `value`, its index `at` in the buffers and its column, all in vectors of `lanes`. */
  readonly finish?: (value: string, at: string, column: string) => string;
  /** Buffers that `finish` reads beside the operands. */
  readonly beside?: readonly string[];
  readonly functions?: string;
}

/** How many, and WGSL of it. */
export interface Extent {
  readonly count: number;
  readonly code: string;
}

export const fixed = (count: number): Extent => ({ count, code: `${count}` });

/**
 * `(left's buffer, right's if another, beside …) → into`: into[r, c] = Σ left[r, k] · right[k, c], item by item. A workgroup
 * computes a tile of 32 × 32: it brings 32 × 32 of either side into its own memory (8 KiB), all invocations load a
 * block of 4 × 4 each, and multiplies from there, 4 × 4 results an invocation. Sums run along the inner side in order.
 */
export function product(plan: ProductPlan): Kernel {
  const { rows, inner, columns, lanes, left, right, into } = plan;
  const type = vector(lanes);
  const across = Math.ceil(columns / TILE);
  const down = Math.ceil(rows.count / TILE);
  const reads = [...new Set([left.buffer, right.buffer, ...plan.beside ?? []])];
  const code = { left: blockOf(left, "left", lanes), right: blockOf(right, "right", lanes) };
  return groupKernel({
    name: plan.name,
    reads: Object.fromEntries(reads.map((buffer) => [buffer, type])),
    writes: { [into.buffer]: type },
    groups: plan.items * down * across,
    sizes: plan.sizes ?? {},
    functions: `var<workgroup> leftTile: array<vec4<f32>, ${TILE * ACROSS}>;
var<workgroup> rightTile: array<vec4<f32>, ${TILE * ACROSS}>;
${plan.functions ?? ""}`,
    body: `let firstColumn = (group % ${across}) * ${TILE};
  let down = (${rows.code} + ${TILE - 1}) / ${TILE};
  let firstRow = (group / ${across}) % down * ${TILE};
  let item = group / (${across} * down);
  let mine = local % ${ACROSS} * ${EACH};
  let line = local / ${ACROSS} * ${EACH};
  ${range(EACH).map((row) => `var a${row} = vec4<f32>(0.0);`).join(" ")}
  let wanted = ${plan.unread ? `!(${plan.unread})` : "true"};
  let begin = ${plan.begin ?? "0"};
  let end = select(begin, ${plan.end ?? inner.code}, wanted);
  for (var step = begin; step < end; step += ${TILE}) {
    { ${code.left(rows.code)} }
    { ${code.right(`${columns}`)} }
    workgroupBarrier();
    for (var k = 0; k < ${TILE}; k++) {
      let l = leftTile[k * ${ACROSS} + line / ${EACH}];
      let r = rightTile[k * ${ACROSS} + mine / ${EACH}];
      ${range(EACH).map((row) => `a${row} = fma(vec4<f32>(${lane("l", row, EACH)}), r, a${row});`).join(" ")}
    }
    workgroupBarrier();
  }
  if (wanted) {
  ${store(plan)}
  }`,
  });
}

/**
 * Loads this invocation's 4 × 4 block of an operand and puts it into the tile `[inner, free]`, where free are the rows
 * of the left side and the columns of the right one. Neighbouring invocations load neighbouring values.
 */
function blockOf(operand: Operand, side: "left" | "right", lanes: 1 | 4): (freeCount: string) => string {
  const [free, along] = side === "left" ? [operand.row, operand.column] : [operand.column, operand.row];
  const freeRuns = free === 1;
  const first = side === "left" ? "firstRow" : "firstColumn";
  const vectors = range(EACH);
  return (freeCount) => {
    const open = (at: string, k: string) => `(${at} < ${freeCount} && ${k} < end)`;
    const place = (at: string, k: string) => `origin + (${at}) * ${free} + (${k}) * ${along}`;
    const load = (at: string, k: string) =>
      `select(${vector(lanes)}(0.0), ${operand.buffer}[(${place(at, k)}) / ${lanes}], ${open(at, k)})`;
    const one = (outer: number) => {
      const [at, k] = freeRuns ? ["free", `k0 + ${outer}`] : [`free + ${outer}`, "k0"];
      if (lanes === 4) return load(at, k);
      const values = vectors.map((each) =>
        freeRuns ? load(`${at} + ${each}`, k) : load(at, `${k} + ${each}`)
      );
      return `vec4<f32>(${values.join(", ")})`;
    };
    const loaded = vectors.map((outer) => `let v${outer} = ${one(outer)};`);
    const written = vectors.map((k) => {
      const value = freeRuns ? `v${k}` : `vec4<f32>(${vectors.map((v) => lane(`v${v}`, k, 4)).join(", ")})`;
      return `${side}Tile[(${freeRuns ? "line" : "mine"} + ${k}) * ${ACROSS} + ${
        freeRuns ? "mine" : "line"
      } / ${EACH}] = ${value};`;
    });
    return `let origin = ${operand.origin};
      let free = ${first} + ${freeRuns ? "mine" : "line"};
      let k0 = step + ${freeRuns ? "line" : "mine"};
      ${[...loaded, ...written].join("\n      ")}`;
  };
}

/** Stores this invocation's results, each row as one vector or value by value. */
function store({ rows, columns, into, lanes, finish = (value) => value }: ProductPlan): string {
  const lines = range(EACH).flatMap((row) =>
    range(EACH / lanes).map((part) => {
      const column = `(firstColumn + mine + ${part})`;
      const at =
        `(origin + (firstRow + line + ${row}) * ${into.row} + ${column} * ${into.column}) / ${lanes}`;
      const value = lanes === 4 ? `a${row}` : lane(`a${row}`, part, EACH);
      return `if (firstRow + line + ${row} < ${rows.code} && ${column} < ${columns}) {
    let at = ${at};
    ${into.buffer}[at] = ${finish(value, "at", `${column} / ${lanes}`)};
  }`;
    })
  );
  return `let origin = ${into.origin};
  ${lines.join("\n  ")}`;
}
