import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** What each room may import: other rooms, and packages by name. The table of docs/design.md. */
const ROOMS: Record<string, { rooms: string[]; packages: string[] }> = {
  lib: { rooms: [], packages: [] },
  schedules: { rooms: ["lib"], packages: [] },
  export: { rooms: ["lib", "schedules"], packages: [] },
  lint: { rooms: ["lib", "schedules"], packages: [] },
  advise: { rooms: ["lib", "schedules"], packages: [] },
  stats: { rooms: ["lib"], packages: [] },
  theory: { rooms: ["lib", "schedules", "stats"], packages: [] },
  train: { rooms: ["lib", "schedules"], packages: ["zod"] },
  spec: { rooms: ["lib", "schedules", "train"], packages: ["zod", "yaml"] },
  results: { rooms: ["lib", "schedules", "stats", "train", "spec", "theory"], packages: ["zod"] },
  compute: {
    rooms: ["lib", "train"],
    packages: [
      "@tensorflow/tfjs",
      "@tensorflow/tfjs-core",
      "@tensorflow/tfjs-backend-cpu",
      "@tensorflow/tfjs-backend-wasm",
      "@tensorflow/tfjs-backend-webgpu",
      "assemblyscript",
    ],
  },
  study: { rooms: ["lib", "schedules", "spec", "stats", "train", "results", "theory"], packages: [] },
  report: {
    rooms: ["lib", "schedules", "stats", "theory", "spec", "results", "study"],
    packages: ["plotly.js-cartesian-dist-min", "d3-array", "d3-scale", "string-width"],
  },
  datasets: { rooms: ["lib", "train"], packages: ["tar-stream"] },
  exercises: { rooms: ["spec", "stats", "theory", "results", "study", "report"], packages: [] },
  app: {
    rooms: [
      "lib",
      "schedules",
      "export",
      "lint",
      "advise",
      "stats",
      "theory",
      "results",
      "spec",
      "train",
      "compute",
      "study",
      "report",
      "datasets",
      "exercises",
      "bench",
    ],
    packages: [
      "commander",
      "@commander-js/extra-typings",
      "cli-progress",
      "yaml",
      "zod",
      "plotly.js-cartesian-dist-min",
      "playwright-core",
    ],
  },
  bench: {
    rooms: ["lib", "train", "compute", "datasets"],
    packages: ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-wasm", "@tensorflow/tfjs-backend-webgpu"],
  },
};

/** Rooms that know neither Deno nor a browser. */
const PURE = [
  "lib",
  "schedules",
  "export",
  "lint",
  "advise",
  "stats",
  "theory",
  "train",
  "spec",
  "results",
  "study",
  "report",
];
/** Rooms that may import Node's built-in modules. */
const WITH_NODE = ["app", "datasets", "compute", "bench"];

const root = fileURLToPath(new URL("../", import.meta.url));

function roomOf(path: string): string | null {
  const [first, second] = path.split("/");
  if (first === "src") return second ?? null;
  if (path === "main.ts") return "app";
  return ["datasets", "exercises", "bench"].includes(first!) ? first! : null;
}

async function sources(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(root + folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await sources(path));
    else if (path.endsWith(".ts") && !path.includes("/kernels/")) found.push(path);
  }
  return found;
}

interface Info {
  modules: {
    specifier: string;
    dependencies?: { specifier: string; code?: { specifier?: string }; type?: { specifier?: string } }[];
  }[];
}

async function deno(args: string[]): Promise<{ success: boolean; stdout: string; stderr: string }> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  return { success, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

Deno.test("no import goes against the table of rooms", async () => {
  const files = [
    "main.ts",
    ...(await Promise.all(["src", "datasets", "exercises", "bench"].map(sources))).flat(),
  ];
  // One graph of everything, whether main.ts reaches it or not.
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(
    entry,
    files.map((file) => `import "${new URL(`../${file}`, import.meta.url)}";\n`).join(""),
  );
  const { success, stdout, stderr } = await deno(["info", "--json", "--config", "deno.json", entry]);
  await Deno.remove(entry);
  assert.ok(success, stderr);
  const wrong: string[] = [];
  let edges = 0;
  for (const module of (JSON.parse(stdout) as Info).modules) {
    if (!module.specifier.startsWith("file://")) continue;
    const path = fileURLToPath(module.specifier).replace(root, "");
    const room = roomOf(path);
    if (room === null) continue;
    const allowed = ROOMS[room];
    assert.ok(allowed, `${path} lies in no room of the table`);
    for (const { specifier, code, type } of module.dependencies ?? []) {
      edges++;
      const target = code?.specifier ?? type?.specifier ?? specifier;
      if (target.startsWith("file://")) {
        const other = roomOf(fileURLToPath(target).replace(root, ""));
        // deno.json, and text beside a module, lie in no other room.
        if (other !== null && other !== room && !allowed.rooms.includes(other)) {
          wrong.push(`${path} imports ${specifier}`);
        }
      } else if (target.startsWith("node:")) {
        if (!WITH_NODE.includes(room)) wrong.push(`${path} imports ${specifier}`);
      } else {
        const name = /^npm:\/?((?:@[^/@]+\/)?[^/@]+)/.exec(target)?.[1];
        if (!name || !allowed.packages.includes(name)) wrong.push(`${path} imports ${specifier}`);
      }
    }
  }
  assert.ok(edges > 100, `the graph has only ${edges} imports`);
  assert.deepEqual(wrong, []);
});

Deno.test("pure rooms compile without Deno's or a browser's types", async () => {
  const config = JSON.parse(await Deno.readTextFile(root + "deno.json"));
  config.compilerOptions.lib = ["esnext"];
  config.imports = Object.fromEntries(
    Object.entries(config.imports as Record<string, string>).map(([name, target]) => [
      name,
      target.startsWith("./") ? new URL(`../${target.slice(2)}`, import.meta.url).href : target,
    ]),
  );
  const path = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(path, JSON.stringify(config));
  const pure = (await Promise.all(PURE.map((room) => sources(`src/${room}`)))).flat();
  const { success, stderr } = await deno(["check", "--config", path, "--no-lock", ...pure]);
  await Deno.remove(path);
  assert.ok(success, stderr);
});

Deno.test("a pure room that names Deno or document would not compile", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ compilerOptions: { lib: ["esnext"] } }));
  for (const code of ["Deno.cwd()", "document.title", "console.log(1)", "performance.now()"]) {
    await Deno.writeTextFile(`${folder}/impure.ts`, `export const x: unknown = ${code};\n`);
    const { success } = await deno(["check", "--config", `${folder}/deno.json`, `${folder}/impure.ts`]);
    assert.equal(success, false, code);
  }
  await Deno.remove(folder, { recursive: true });
});
