import assert from "node:assert/strict";
import { join } from "node:path";
import { cli } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";
import { LONG } from "../support/long.ts";

const SPEC = `name: hostile
dataset: { name: shapes-16, train: 32, validation: 16, test: 16 }
model: cnn-tiny
optimizer: { name: sgd, groups: [{ match: conv1/*, schedule: { name: custom, module: ./mine.ts } }] }
batch_size: 8
duration: 4 steps
seeds: [1]
arms:
  - { name: mine, schedule: { name: custom, module: ./mine.ts } }
`;

/** Tries every way out of its thread, each of which Deno has to refuse by its own kind of error. */
const HOSTILE = `
import { writeFileSync } from "node:fs";
import { execSync } from "node:child_process";
const folder = new URL(".", import.meta.url).pathname;
const attempts = {
  write: () => Deno.writeTextFile(folder + "/written", "x"),
  writeByNode: () => writeFileSync(folder + "/written", "x"),
  writeIntoResults: () => Deno.writeTextFile(folder + "/out/report.html", "x"),
  remove: () => Deno.remove(folder + "/spec.yaml"),
  run: () => new Deno.Command(Deno.execPath(), { args: ["eval", "1"] }).output(),
  runByNode: () => execSync("touch " + folder + "/written"),
  fetch: () => fetch("http://127.0.0.1:8123/"),
  connect: () => Deno.connect({ hostname: "127.0.0.1", port: 8123 }),
  listen: () => Deno.listen({ port: 0 }),
  library: () => Deno.dlopen("libc.so.6", {}),
  remoteModule: () => import("https://example.com/" + "x.ts"),
  thread: () => new Worker("data:text/javascript,0", { type: "module", deno: { permissions: "none" } }).terminate(),
  widerThread: () => new Worker("data:text/javascript,0", { type: "module", deno: { permissions: { run: true } } }),
};
const through = [];
for (const [name, attempt] of Object.entries(attempts)) {
  try {
    await attempt();
    if (name !== "thread") through.push(name);
  } catch (error) {
    if (!/NotCapable|Requires|escalate|Command failed/.test(String(error))) through.push(name + ": " + error);
  }
}
if (through.length > 0) throw new Error("got through: " + through.join("; "));
export const schedule = (step) => 0.05 / (1 + step);
`;

async function inFolder(module: string, test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "spec.yaml"), SPEC);
    await Deno.writeTextFile(join(folder, "mine.ts"), module);
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (
  const [task, ...options] of [
    ["train"],
    ["train", "--serve", "0"],
    ["sweep", "--over", "optimizer.momentum=0.5,0.9"],
    ["range-test", "--steps", "20", "--seeds", "1-1", "--check-steps", "0"],
  ] as const
) {
  Deno.test(`a custom module cannot write, run programs or reach the net from ${[task, ...options].join(" ")}`, () =>
    inFolder(HOSTILE, async (folder) => {
      const out = join(folder, "out");
      // With the task's own permissions where it has most of them, and in long tests always; else from this process, which
      // has all.
      const run = LONG || options[0] === "--serve" ? cli : inProcess;
      const { code, stderr } = await run(task, [join(folder, "spec.yaml"), "--out", out, ...options]);
      assert.equal(code, 0, stderr);
      const names = (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
      assert.deepEqual(names, ["mine.ts", "out", "spec.yaml"]);
    }));
}

Deno.test("a custom module that tries is refused by Deno, in one message that names it", () =>
  inFolder(
    `new Deno.Command(Deno.execPath(), { args: ["eval", "1"] }).outputSync();\nexport const schedule = () => 0.1;`,
    async (folder) => {
      const args = [join(folder, "spec.yaml"), "--out", join(folder, "out")];
      const { code, stderr } = await inProcess("train", args);
      assert.equal(code, 2);
      assert.match(stderr, /^Cannot load the schedule \.\/mine\.ts .*: Requires run access to ".*deno/);
    },
  ));

for (
  const [where, module, code, message] of [
    [
      "in mid-run",
      "export const schedule = (step) => step < 2 ? 0.1 : (self.close(), 0.1);",
      1,
      /^Run mine-1: .*its worker ended on its own/m,
    ],
    [
      "while it is loaded",
      "Deno.exit(0);\nawait new Promise(() => {});",
      2,
      /A module of a custom schedule ended its thread/,
    ],
  ] as const
) {
  Deno.test(`a module that ends its thread ${where} is reported, and nothing hangs`, () =>
    inFolder(module, async (folder) => {
      const args = [join(folder, "spec.yaml"), "--out", join(folder, "out"), "--backend", "cpu"];
      const ran = await inProcess("train", args);
      assert.equal(ran.code, code, ran.stderr);
      assert.match(ran.stderr, message);
    }));
}

Deno.test("no task that trains may run programs, reach the net beyond loopback or load libraries", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  for (const name of ["exercise", "train", "resume", "range-test", "sweep", "benchmark", "turbo"]) {
    const granted = tasks[name].match(/ (?:--allow|-A)\S*/g).map((word: string) => word.trim());
    const loopback = ["range-test", "benchmark"].includes(name) ? [] : ["--allow-net=127.0.0.1"];
    assert.deepEqual(
      granted,
      ["--allow-read", "--allow-write", "--allow-env", "--allow-sys", ...loopback],
      name,
    );
  }
});

Deno.test("a worker of a queue may not write, start programs or load libraries, and is never asked", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  assert.deepEqual(
    tasks.worker.match(/ --(?!lock)\S+/g).map((word: string) => word.trim()),
    ["--no-prompt", "--allow-read", "--allow-env", "--allow-sys=hostname", "--allow-net"],
  );
});

/** What starts threads, and what starts programs outside of training: a browser, Jupyter, and the build of pages. */
const SPAWNING = [
  "app/notebook/jupyter.ts",
  "app/open.ts",
  "app/pictures/chromium.ts",
  "browser/build.ts",
  "compute/thread.ts",
];

/** The TypeScript files below a folder of the sources. */
async function sources(folder: URL): Promise<URL[]> {
  const found: URL[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) found.push(...await sources(new URL(`${name}/`, folder)));
    else if (name.endsWith(".ts")) found.push(new URL(name, folder));
  }
  return found;
}

Deno.test("every thread of the lab is started by the one function that takes its permissions away", async () => {
  const src = new URL("../../src/", import.meta.url);
  const files = await sources(src);
  assert.ok(files.length > 400, `only ${files.length} files were found`);
  const spawning: string[] = [];
  for (const file of files) {
    const text = await Deno.readTextFile(file);
    // Any other way to a thread names one of these.
    if (
      /\bnew\s+(globalThis\.|self\.)?(Shared)?Worker\b|worker_threads|child_process|Deno\.Command/.test(text)
    ) {
      spawning.push(file.href.slice(src.href.length));
    }
  }
  assert.deepEqual(spawning.sort(), SPAWNING);
  const { spawnThread } = await import("#compute/thread.ts");
  const attempt =
    `try { Deno.writeTextFileSync("/tmp/x", ""); postMessage("wrote"); } catch (e) { postMessage(e.name); }`;
  const thread = spawnThread(new URL(`data:text/javascript,${encodeURIComponent(attempt)}`));
  const { data } = await new Promise<MessageEvent>((resolve) => thread.onmessage = resolve);
  thread.terminate();
  assert.equal(data, "NotCapable");
});

Deno.test("loopback is given back before anything is loaded, and with a live page as soon as it listens", async () => {
  const main = new URL("../../main.ts", import.meta.url).href;
  const server = new URL("../../src/app/serve/server.ts", import.meta.url).href;
  const code = `
    const { giveBackNet } = await import("${main}");
    const { openServer } = await import("${server}");
    const state = async () => (await Deno.permissions.query({ name: "net", host: "127.0.0.1" })).state;
    const states = [await state()];
    await giveBackNet(["train", "spec.yaml", "--serve"]);
    states.push(await state());
    await using page = await openServer(0);
    states.push(await state());
    const refused = await fetch(page.address).then(() => false, (error) => error.name === "NotCapable");
    await giveBackNet(["train", "spec.yaml"]);
    console.log(JSON.stringify({ states, refused }));
  `;
  const ask = async (allowed: string, code: string) => {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(join(folder, "ask.ts"), code);
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const args = [
      "run",
      "--no-prompt",
      "--quiet",
      "--config",
      config,
      "--allow-read",
      "--allow-env",
      allowed,
    ];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args, join(folder, "ask.ts")],
    })
      .output();
    await Deno.remove(folder, { recursive: true });
    assert.equal(new TextDecoder().decode(stderr), "");
    return JSON.parse(new TextDecoder().decode(stdout));
  };
  const { states, refused } = await ask("--allow-net=127.0.0.1", code);
  assert.deepEqual(states, ["granted", "granted", "prompt"]);
  assert.ok(refused);
  const without = `
    const { giveBackNet } = await import("${main}");
    await giveBackNet(["exercise", "1"]);
    console.log(JSON.stringify((await Deno.permissions.query({ name: "net", host: "127.0.0.1" })).state));
  `;
  assert.equal(await ask("--allow-net=127.0.0.1", without), "prompt");
});

Deno.test("what everybody runs downloads no package of tests, builds and pictures", async () => {
  const read = async (name: string) =>
    JSON.parse(await Deno.readTextFile(new URL(`../../${name}`, import.meta.url)));
  const { tasks, lock, imports } = await read("deno.json");
  assert.equal(lock, false, "deno task downloads what its own lock file lists");
  for (const name of ["exercise", "train", "resume", "range-test", "sweep", "turbo", "schedule", "report"]) {
    assert.match(tasks[name], / --lock=deno\.run\.lock /, name);
  }
  const packages = [...Object.keys((await read("deno.run.lock")).npm), ...Object.keys(imports)];
  const heavy = packages.filter((name) =>
    /tensorflow|binaryen|assemblyscript|playwright|fast-check|tar-stream|bullmq|ioredis/.test(name)
  );
  assert.deepEqual(heavy, []);
});
