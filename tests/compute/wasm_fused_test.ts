import assert from "node:assert/strict";
import { hasFusedMultiplyAdd } from "#compute/wasm/fused.ts";
import { bestBuild } from "#compute/wasm/kernels.ts";
import { repositoryRoot } from "../support/requires.ts";

Deno.test("the relaxed kernels are taken where multiply-adds round once", () => {
  assert.equal(bestBuild(), hasFusedMultiplyAdd() ? "relaxed" : "plain");
});

Deno.test({
  name: "a processor without fused multiply-adds takes the plain kernels, and its device has another name",
  // V8's switch is one of this architecture.
  ignore: Deno.build.arch !== "x86_64",
  fn: async () => {
    const device = new URL("../../src/compute/wasm/device.ts", import.meta.url).href;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        "--no-check",
        "--config",
        `${repositoryRoot()}/deno.json`,
        `const { openWasmDevice } = await import("${device}"); console.log((await openWasmDevice()).info.name);`,
      ],
      env: { DENO_V8_FLAGS: "--no-enable-fma3", NO_COLOR: "1" },
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.equal(new TextDecoder().decode(stdout).trim(), "WASM, SIMD");
  },
});
