/**
 * Builds the WASM kernels: `deno task build:kernels`. Both modules are committed, so only a change of the sources
 * needs it; a test holds that a build gives the committed bytes.
 */
import asc from "assemblyscript/asc";
import { tileSource } from "./tiles.ts";

/** The two builds: relaxed SIMD where the machine fuses its multiply-add, plain SIMD elsewhere. */
export const BUILDS = {
  relaxed: ["--enable", "simd", "--enable", "relaxed-simd"],
  plain: ["--enable", "simd"],
} as const;
export type Build = keyof typeof BUILDS;

export interface Built {
  readonly wasm: Uint8Array;
  /** The module as text, which shows whether it holds data. */
  readonly text: string;
}

/**
 * Compiles `kernels/index.ts`. The module imports its memory (`env.memory`) and nothing else.
 *
 * @throws {SyntaxError} with the compiler's message.
 */
export async function buildKernels(build: Build): Promise<Built> {
  const outputs: Record<string, Uint8Array | string> = {};
  const flags = ["-O3", "--noAssert", "--runtime", "stub", "--importMemory", "--initialMemory", "1"];
  const { error, stderr } = await asc.main(
    ["index.ts", "--outFile", "out.wasm", "--textFile", "out.wat", ...flags, ...BUILDS[build]],
    {
      readFile: readSource,
      writeFile: (name, contents) => {
        outputs[name] = contents;
      },
      listFiles: () => [],
    },
  );
  if (error) throw new SyntaxError(`The kernels do not compile: ${stderr.toString()}`);
  return { wasm: outputs["out.wasm"] as Uint8Array, text: String(outputs["out.wat"]) };
}

/** The path of a committed module. */
export function modulePath(build: Build): URL {
  return new URL(`./kernels_${build}.wasm`, import.meta.url);
}

function readSource(name: string): string | null {
  if (name === "tiles.ts") return tileSource();
  try {
    return Deno.readTextFileSync(new URL(`./kernels/${name}`, import.meta.url));
  } catch {
    return null;
  }
}

if (import.meta.main) {
  for (const build of Object.keys(BUILDS) as Build[]) {
    const { wasm } = await buildKernels(build);
    Deno.writeFileSync(modulePath(build), wasm);
    console.error(`kernels_${build}.wasm: ${wasm.length} bytes`);
  }
}
