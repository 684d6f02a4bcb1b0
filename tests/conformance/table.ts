/**
 * The largest error of every kernel against float64, device by device, from the long tests themselves, as Markdown:
 *
 *     deno run -A tests/conformance/table.ts
 *
 * On a machine with a GPU the columns of WebGPU are that GPU's. Fails where a test does.
 */
import { factsOf, requestAdapter } from "#compute/webgpu/adapter.ts";
import type { Measured } from "../support/errors.ts";

const TESTS = [
  "tests/compute/webgpu_convolution_test.ts",
  "tests/compute/webgpu_kernels_test.ts",
  "tests/compute/webgpu_linear_test.ts",
  "tests/compute/webgpu_tokens_test.ts",
  "tests/compute/wasm_kernels_test.ts",
  "tests/compute/wasm_layers_test.ts",
  "tests/compute/wasm_learner_test.ts",
  "tests/conformance/",
  "tests/golden/pytorch_transformer_test.ts",
];

const file = await Deno.makeTempFile({ suffix: ".jsonl" });
try {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", "--allow-all", "--quiet", ...TESTS],
    env: { LR_LAB_ERRORS: file, LR_LAB_LONG: "1", NO_COLOR: "1" },
    stdout: "null",
  }).output();
  const lines = (await Deno.readTextFile(file)).trim().split("\n").filter((line) => line !== "");
  console.log(await heading());
  console.log(tableOf(lines.map((line) => JSON.parse(line) as Measured)));
  if (!success) {
    console.error("Some of these tests fail: run `deno task test`");
    Deno.exit(1);
  }
} finally {
  await Deno.remove(file);
}

async function heading(): Promise<string> {
  const gpu = await requestAdapter().then((adapter) => factsOf(adapter), () => null);
  const adapter = gpu ? `WebGPU on ${gpu.name} (${gpu.driver})` : "no WebGPU adapter";
  return `Deno ${Deno.version.deno}, ${Deno.build.os} ${Deno.build.arch}, ${adapter}.\n`;
}

/** A row a kernel, a column a device: the largest error over all sizes. */
function tableOf(measured: readonly Measured[]): string {
  const devices = [...new Set(measured.map(({ device }) => device))].sort();
  const kernels = [...new Set(measured.map(({ kernel }) => kernel))].sort();
  const rows = kernels.map((kernel) => {
    const cells = devices.map((device) => {
      const found = measured.filter((one) => one.kernel === kernel && one.device === device);
      if (found.length === 0) return "–";
      const largest = Math.max(...found.map(({ error }) => error));
      return largest === 0 ? "exact" : largest.toExponential(1).replace("e-", "e−");
    });
    return [kernel, String(measured.filter((one) => one.kernel === kernel).length), ...cells];
  });
  const head = ["against float64", "comparisons", ...devices];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
