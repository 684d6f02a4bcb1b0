import { codeOf, type Kernel } from "./kernel.ts";

/** The most replicas of one dispatch: their table is a uniform buffer of a vector each. */
export const MOST_REPLICAS = 64;

/** Bytes of a buffer's elements. */
const ELEMENT_BYTES: Readonly<Record<string, number>> = {
  f32: 4,
  i32: 4,
  u32: 4,
  "vec2<f32>": 8,
  "vec4<f32>": 16,
};

/**
 * The same kernel for several replicas at once: the third dimension of the dispatch counts those that take part, and
 * `replicas` says which they are. Each buffer holds a part for each, `sizes.strides` elements behind each other (0 where
 * all read the same), and every index into it counts from the own part. All else, and so each result's bits, stays.
 */
export function replicaKernel(kernel: Kernel): Kernel {
  const { name, bindings, shader } = kernel;
  const { buffers } = shader;
  const names = buffers.map(({ name }) => name);
  const starts = names.map((name, binding) =>
    `${startOf(name)} = replica * sizes.strides[${binding >> 2}][${binding & 3}];`
  );
  const code = codeOf(name, {
    ...shader,
    functions: indexedFrom(shader.functions, names),
    body: `let replica = replicas[id.z].x;
  ${starts.join(" ")}
  ${indexedFrom(shader.body, names)}`,
  }, {
    sizes: `, strides: array<vec4<i32>, ${Math.ceil(buffers.length / 4)}>`,
    declarations: `@group(0) @binding(${
      bindings.length + 1
    }) var<uniform> replicas: array<vec4<i32>, ${MOST_REPLICAS}>;
${names.map((name) => `var<private> ${startOf(name)}: i32;`).join("\n")}
`,
  });
  return { ...kernel, code };
}

/** Bytes that the start of a part of each buffer is a multiple of, by the buffers' order. */
export function elementBytes({ name, shader }: Kernel): readonly number[] {
  return shader.buffers.map(({ type }) => {
    const bytes = ELEMENT_BYTES[type];
    if (bytes === undefined) {
      throw new TypeError(`${name} has a buffer of ${type}: its replicas have no place`);
    }
    return bytes;
  });
}

const startOf = (buffer: string) => `start_of_${buffer}`;

/** WGSL in which every index into one of the buffers counts from that buffer's start. */
function indexedFrom(code: string, buffers: readonly string[]): string {
  const access = new RegExp(`(?<![\\w.])(${buffers.join("|")})\\[`, "g");
  let result = "";
  let done = 0;
  for (let found = access.exec(code); found; found = access.exec(code)) {
    const [opened, buffer] = [found.index + found[0].length, found[1]!];
    const closed = closingBracket(code, opened);
    const index = indexedFrom(code.slice(opened, closed), buffers);
    result += `${code.slice(done, opened)}${startOf(buffer)} + i32(${index})`;
    done = access.lastIndex = closed;
  }
  return result + code.slice(done);
}

/** Place of the bracket that closes the one before `from`. */
function closingBracket(code: string, from: number): number {
  let depth = 1;
  for (let at = from; at < code.length; at++) {
    if (code[at] === "[") depth++;
    if (code[at] === "]" && --depth === 0) return at;
  }
  throw new SyntaxError(`An index is not closed: ${code.slice(from - 20, from + 20)}`);
}
