import assert from "node:assert/strict";
import { kernel } from "#compute/webgpu/kernel.ts";
import { Lockstep, type Member } from "#compute/webgpu/lockstep.ts";
import { replicaKernel } from "#compute/webgpu/replica_kernel.ts";

/** Members 0 … count − 1, and what they did, as `operation: members`. */
function started(count: number) {
  const lockstep = new Lockstep();
  const done: string[] = [];
  const members = Array.from({ length: count }, (_, number) => lockstep.join(number));
  const ask = (number: number, key: string, result: (number: number) => number = (each) => each) =>
    members[number]!.ask({
      key,
      isStep: key === "step",
      job: number,
      run: (jobs) => {
        done.push(`${key}: ${jobs}`);
        return jobs.map(result);
      },
    });
  return { lockstep, members: members as readonly Member[], done, ask };
}

Deno.test("steps are taken together, and each gets its own result", async () => {
  const { done, ask } = started(3);
  const results = Promise.all([ask(2, "step", (each) => each), ask(0, "step"), ask(1, "step")]);
  assert.deepEqual(done, ["step: 0,1,2"]);
  assert.deepEqual(await results, [2, 0, 1]);
});

Deno.test("whoever does something else first is waited for, and steps stay together", async () => {
  const { done, ask } = started(2);
  const first = ask(0, "step");
  assert.deepEqual(done, []);
  await ask(1, "evaluate");
  await ask(1, "save");
  const second = ask(1, "step");
  await Promise.all([first, second]);
  assert.deepEqual(done, ["evaluate: 1", "save: 1", "step: 0,1"]);
});

Deno.test("one that leaves is not waited for, one that joins is", async () => {
  const { lockstep, members, done, ask } = started(2);
  const step = ask(0, "step");
  members[1]!.leave();
  await step;
  const other = lockstep.join(1);
  const next = ask(0, "step");
  assert.deepEqual(done, ["step: 0"]);
  await other.ask({ key: "step", isStep: true, job: 7, run: (jobs) => jobs });
  await next;
  assert.deepEqual(done, ["step: 0", "step: 0,7"]);
  assert.throws(() => lockstep.join(0), /Member 0 takes part already/);
});

Deno.test("an operation that fails fails for those who asked for it", async () => {
  const { ask } = started(2);
  const broken = ask(0, "load 0", () => {
    throw new RangeError("no such variable");
  });
  const fine = ask(1, "load 1");
  await assert.rejects(broken, /no such variable/);
  assert.equal(await fine, 1);
});

Deno.test("every index into a buffer of replicas counts from the own part", () => {
  const { code } = replicaKernel(kernel({
    name: "test",
    reads: { x: "vec4<f32>", places: "u32" },
    writes: { y: "f32" },
    sizes: { invocations: 1 },
    functions: "fn at(row: i32) -> f32 { return x[row][row % 4]; }",
    body: "var x2 = array<f32, 2>(); y[places[index / 2]] = at(index) + x2[0] + x[0].y;",
  }));
  assert.match(code, /return x\[start_of_x \+ i32\(row\)\]\[row % 4\];/);
  assert.match(
    code,
    /y\[start_of_y \+ i32\(places\[start_of_places \+ i32\(index \/ 2\)\]\)\] = at\(index\) \+ x2\[0\] \+ x\[start_of_x \+ i32\(0\)\]\.y;/,
  );
  assert.match(code, /start_of_places = replica \* sizes\.strides\[0\]\[1\];/);
});
