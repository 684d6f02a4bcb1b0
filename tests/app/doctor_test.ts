import assert from "node:assert/strict";
import { doctorCommand } from "#app/commands/doctor.ts";
import { denoIo } from "#app/io.ts";
import { requires } from "../support/requires.ts";

async function doctor(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  let [stdout, stderr] = ["", ""];
  const io = {
    ...denoIo(),
    stdout: (text: string) => void (stdout += text),
    stderr: (text: string) => void (stderr += text),
  };
  await doctorCommand(io).exitOverride().parseAsync(args, { from: "user" });
  return { stdout, stderr };
}

Deno.test("doctor says what is taken, and why each other device is not", async () => {
  const { stdout, stderr } = await doctor();
  assert.equal(stderr, "");
  assert.match(stdout, /^auto takes (webgpu|wasm because: .+)$/m);
  for (const word of ["webgpu", "wasm", "cpu", "Machine", "Versions", "Data", "shapes"]) {
    assert.ok(stdout.includes(word), `${word} is missing`);
  }
});

Deno.test(
  "doctor tells adapter, driver, features and limits of the GPU",
  await requires("vulkan"),
  async () => {
    const { stdout } = await doctor();
    assert.match(stdout, /adapter +.+ \((software|hardware), vendor \d+\)/);
    assert.match(stdout, /driver +[A-Z].*, (Vulkan|the system's API)/);
    assert.match(stdout, /features +.*[a-z]+-[a-z]+/);
    assert.match(stdout, /limits +.*maxStorageBufferBindingSize \d{9,}/);
  },
);

Deno.test("doctor --format json prints JSON alone", async () => {
  const { stdout, stderr } = await doctor("--format", "json");
  assert.equal(stderr, "");
  const found = JSON.parse(stdout);
  assert.ok(["webgpu", "wasm"].includes(found.automatic.backend));
  assert.equal(found.versions.deno, Deno.version.deno);
  assert.ok(found.machine.cores >= 1 && found.machine.memory_bytes > 0);
  assert.ok(
    found.data.sets.some(({ name, state }: { name: string; state: string }) =>
      name === "shapes" && state === "built in"
    ),
  );
});
