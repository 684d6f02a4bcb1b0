/** The output of `deno test`, and the largest error of each kernel against float64. */
export interface ConformanceFigures {
  readonly passed: number;
  readonly failed: number;
  /** Names of what failed. */
  readonly failures: readonly string[];
  readonly errors: readonly {
    readonly kernel: string;
    readonly comparisons: number;
    readonly largest: number;
  }[];
}

/** Files with tests of kernels, learners and the contract of a device; `small`: one of them. */
export function conformanceTests(small: boolean): readonly string[] {
  const files = [
    "tests/compute/webgpu_tokens_test.ts",
    "tests/compute/webgpu_linear_test.ts",
    "tests/compute/webgpu_convolution_test.ts",
    "tests/compute/webgpu_kernels_test.ts",
    "tests/compute/webgpu_replay_test.ts",
    "tests/compute/webgpu_replicas_test.ts",
    "tests/compute/text_test.ts",
    "tests/conformance/",
  ];
  return ["--filter", "/webgpu|WGSL|hardware|replayed|replicas/", ...small ? files.slice(0, 1) : files];
}

/** From the lines of `deno test`, of which a run that was cut off has the first, and from those of `LR_LAB_ERRORS`. */
export function conformanceFigures(text: string, errors: readonly string[]): ConformanceFigures {
  // Steps of a test are indented.
  const ended = text.split("\n").flatMap((line) => {
    const [, name, how] = /^(\S.*?) \.\.\. .*?(ok|FAILED)\b/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, ok: how === "ok" }];
  });
  const kernels = new Map<string, number[]>();
  for (const { device, kernel, error } of errors.map((line) => JSON.parse(line))) {
    // JSON has no infinity.
    if (device === "webgpu") kernels.set(kernel, [...kernels.get(kernel) ?? [], error ?? Infinity]);
  }
  const failures = ended.filter(({ ok }) => !ok).map(({ name }) => name);
  return {
    passed: ended.length - failures.length,
    failed: failures.length,
    failures,
    errors: [...kernels].sort(([a], [b]) => a < b ? -1 : 1).map(([kernel, all]) => ({
      kernel,
      comparisons: all.length,
      largest: Math.max(...all),
    })),
  };
}

/** Lines of a file; none where there is no file. */
export function readLines(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
