/**
 * A compute shader, complete. The shape of an image is constant in its code; what depends on the batch is in `sizes`,
 * so that other batch sizes need no other code, which takes a driver long to compile. Plain data.
 */
export interface Kernel {
  /** Name in errors and profiles: `conv_forward 32x32x3→16`. */
  readonly name: string;
  /** WGSL, entry point `main`; storage buffers at `@group(0)` in the order of `bindings`, then the sizes. */
  readonly code: string;
  readonly bindings: readonly Access[];
  readonly sizes: Sizes;
  /** The parts of the code. */
  readonly shader: Shader;
}

/** WGSL of a kernel in parts. */
export interface Shader {
  /** In the order of the bindings. */
  readonly buffers: readonly { readonly name: string; readonly type: string; readonly access: Access }[];
  /** Declarations beside `main`. */
  readonly functions: string;
  /** Parameters of `main`, `id` among them: the workgroup's number, or the invocation's, in three dimensions. */
  readonly parameters: string;
  /** Statements of `main`. */
  readonly body: string;
}

/** The whole numbers that a kernel's code reads as `sizes`. */
export interface Sizes {
  /** Invocations that do something; the dispatch rounds up to whole workgroups. */
  readonly invocations: number;
  /** Rows of a reduction, in how many parts it is cut, and the rows of each; the last part may have fewer. */
  readonly rows: number;
  readonly parts: number;
  readonly each: number;
}

export type Access = "read" | "read_write";

export const WORKGROUP_SIZE = 64;

/**
 * Mesa 22.3's software driver ends loops silently after about 65,535 passes of one invocation, summed over nested
 * loops. Kernels split their work so that they stay far below it everywhere.
 */
export const MAX_TRIPS = 16_384;

/** The cut of a kernel's work: a GPU wants many small invocations, a software driver few that reuse what they load. */
export interface Tuning {
  /** Output columns that one invocation of a convolution computes. */
  readonly columns: number;
  /** Invocations that a reduction aims for. */
  readonly invocations: number;
  /** True: linear layers multiply from the memory of workgroups, which a software driver gains nothing by. */
  readonly products: boolean;
}

/** On 2 cores a step of cnn-small takes 0.8 times as long as with 8 columns and 2,048 invocations. */
export const SOFTWARE: Tuning = { columns: 16, invocations: 8192, products: false };
/** By reasoning, not by measurement: enough invocations to fill a large GPU. */
export const HARDWARE: Tuning = { columns: 4, invocations: 65_536, products: true };

export interface KernelSource {
  readonly name: string;
  /** Element type of each buffer that is read, by the name that `body` uses. */
  readonly reads: Readonly<Record<string, string>>;
  /** Element type of each buffer that is written; they follow those that are read. */
  readonly writes: Readonly<Record<string, string>>;
  readonly sizes: Pick<Sizes, "invocations"> & Partial<Sizes>;
  /** Statements of one invocation; `index` is its number (i32), below `sizes.invocations`. */
  readonly body: string;
  /** Functions that `body` calls. */
  readonly functions?: string;
}

export function kernel(source: KernelSource): Kernel {
  return kernelOf(source, {
    parameters: "@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>",
    body: `let index = i32(id.x + id.y * groups.x * ${WORKGROUP_SIZE}u);
  if (index >= sizes.invocations) { return; }
  ${source.body}`,
  });
}

/**
 * A kernel whose workgroups each do one thing together. `body` sees `group`, the workgroup's number, and `local`, the
 * invocation's in it (both i32); all of a workgroup reach it, so it may hold barriers, and no `return`.
 */
export function groupKernel(
  { groups, sizes = {}, ...source }: Omit<KernelSource, "sizes"> & {
    readonly groups: number;
    readonly sizes?: Partial<Omit<Sizes, "invocations">>;
  },
): Kernel {
  return kernelOf({ ...source, sizes: { ...sizes, invocations: groups * WORKGROUP_SIZE } }, {
    parameters: `
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) invocation: u32
`,
    body: `let group = i32(id.x + id.y * groups.x);
  if (group * ${WORKGROUP_SIZE} >= sizes.invocations) { return; }
  let local = i32(invocation);
  ${source.body}`,
  });
}

function kernelOf(
  { name, reads, writes, sizes, functions = "" }: KernelSource,
  main: Pick<Shader, "parameters" | "body">,
): Kernel {
  const buffers = [
    ...Object.entries(reads).map(([name, type]) => ({ name, type, access: "read" as const })),
    ...Object.entries(writes).map(([name, type]) => ({ name, type, access: "read_write" as const })),
  ];
  const shader = { buffers, functions, ...main };
  const bindings = buffers.map(({ access }) => access);
  return {
    name,
    code: codeOf(name, shader),
    bindings,
    sizes: { rows: 0, parts: 0, each: 0, ...sizes },
    shader,
  };
}

/** The WGSL of a shader; `more` are members of `sizes` and declarations that a variant of it has besides. */
export function codeOf(
  name: string,
  { buffers, functions, parameters, body }: Shader,
  more: { readonly sizes: string; readonly declarations: string } = { sizes: "", declarations: "" },
): string {
  const declarations = buffers.map(({ name, type, access }, binding) =>
    `@group(0) @binding(${binding}) var<storage, ${access}> ${name}: array<${type}>;`
  );
  return `// ${name}
${declarations.join("\n")}
struct Sizes { invocations: i32, rows: i32, parts: i32, each: i32${more.sizes} }
@group(0) @binding(${buffers.length}) var<uniform> sizes: Sizes;
${more.declarations}${functions}
@compute @workgroup_size(${WORKGROUP_SIZE})
fn main(${parameters}) {
  ${body}
}
`;
}

/** Workgroups in x and y, none above the device's limit for one dimension. */
export function workgroups(invocations: number, limit: number): [number, number] {
  const groups = Math.ceil(invocations / WORKGROUP_SIZE);
  if (groups <= limit) return [groups, 1];
  const rows = Math.ceil(groups / limit);
  return [Math.ceil(groups / rows), rows];
}

/** Neighbouring channels that fit one vector: 4, 2 or 1. */
export function lanesOf(channels: number): 1 | 2 | 4 {
  return channels % 4 === 0 ? 4 : channels % 2 === 0 ? 2 : 1;
}

/** `f32`, `vec2<f32>` or `vec4<f32>`. */
export function vector(lanes: number): string {
  return lanes === 1 ? "f32" : `vec${lanes}<f32>`;
}

/** The expression of one lane of a vector of `lanes` lanes. */
export function lane(expression: string, index: number, lanes: number): string {
  return lanes === 1 ? expression : `${expression}.${"xyzw"[index]}`;
}

/**
 * max(value, 0) that keeps NaN, as `max` need not: a ruined layer would look like one whose outputs are all zero.
 * `value` is evaluated once.
 */
export function rectified(value: string, lanes: number): string {
  return `rectify${lanes}(${value})`;
}

/** Declares what {@link rectified} calls. */
export function rectifier(lanes: number): string {
  const type = vector(lanes);
  return `
fn rectify${lanes}(value: ${type}) -> ${type} { return select(value, ${type}(0.0), value < ${type}(0.0)); }`;
}

/** A number as a WGSL constant that keeps all the bits of a 32-bit float. */
export function float(value: number): string {
  const text = Math.fround(value).toString();
  return /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
}

/** `[0, 1, … count − 1]`, for unrolling. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Cuts `total` into at most `parts` pieces of `each`; the last may be shorter. */
export function split(total: number, parts: number): { parts: number; each: number } {
  const each = Math.ceil(total / Math.max(1, Math.min(total, Math.floor(parts))));
  return { parts: Math.ceil(total / each), each };
}
