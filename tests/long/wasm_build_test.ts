import assert from "node:assert/strict";
import { type Build, buildKernels, BUILDS, modulePath } from "#compute/wasm/build.ts";

for (const build of Object.keys(BUILDS) as Build[]) {
  Deno.test(`the committed ${build} kernels are what their sources build, and hold no data`, async () => {
    const { wasm, text } = await buildKernels(build);
    assert.ok(
      Buffer.from(wasm).equals(Buffer.from(Deno.readFileSync(modulePath(build)))),
      "run `deno task build:kernels`",
    );
    // A data segment would be copied over another owner's memory when the module starts on tfjs's.
    assert.doesNotMatch(text, /\(data/);
    assert.doesNotMatch(text, /\(start/);
    const imports = WebAssembly.Module.imports(new WebAssembly.Module(wasm as BufferSource));
    assert.deepEqual(imports, [{ module: "env", name: "memory", kind: "memory" }]);
    assert.equal(text.includes("relaxed_madd"), build === "relaxed");
  });
}
