import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cli } from "../support/cli.ts";
import { inProcess } from "../support/in_process.ts";
import { repositoryRoot } from "../support/requires.ts";
import { archive, goodEntries } from "./archives.ts";
import { serve } from "./server.ts";

/** Runs the command with a small archive at hand. */
async function inFolder(body: (folder: string, from: string, md5: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const bytes = await archive(goodEntries());
  await Deno.writeFile(`${folder}/small.tar.gz`, bytes);
  try {
    await body(folder, `${folder}/small.tar.gz`, createHash("md5").update(bytes).digest("hex"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("get, list and verify, from a file on disk to counts per class", async () => {
  await inFolder(async (folder, from, md5) => {
    const at = ["--data-dir", `${folder}/data`];
    const missing = await inProcess("data", ["verify", "cifar-10", ...at]);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /is missing or empty; get it with `deno task data get cifar-10`/);
    assert.equal(missing.stdout, "");

    const got = await cli("data", ["get", "cifar-10", ...at, "--from", from, "--md5", md5]);
    assert.equal(got.code, 0, got.stderr);
    assert.match(got.stdout, /^cifar-10 is now in .*cifar-10-batches-bin\n$/);

    const listed = await inProcess("data", ["list", ...at, "--format", "json"]);
    const rows = JSON.parse(listed.stdout) as { name: string; state: string; images: number | null }[];
    assert.deepEqual(rows.map(({ name, state, images }) => [name, state, images]), [
      ["shapes", "built in", null],
      ["shapes-16", "built in", null],
      ["shapes-masks", "built in", null],
      ["shapes-masks-16", "built in", null],
      ["shapes-masks-64", "built in", null],
      ["cifar-10", "subset", 13],
      ["cifar-100", "missing", null],
      ["fashion-mnist", "missing", null],
      ["images", "own files", null],
      ["image-masks", "own files", null],
      ["npz", "own files", null],
      ["idx", "own files", null],
      ["grammar", "built in", null],
      ["text", "own files", null],
    ]);

    const verified = await inProcess("data", ["verify", "cifar-10", ...at, "--format", "json"]);
    const { state, digests, files } = JSON.parse(verified.stdout);
    assert.deepEqual({ state, digests }, { state: "subset", digests: "match" });
    assert.equal(files[1].name, "test_batch.bin");
    assert.equal(files[1].per_class.truck, 1);
    assert.equal(files[1].per_class.airplane, 0);
  });
});

Deno.test("wrong use ends with 2 and one message, the nearest name in it", async () => {
  const cases: [string[], RegExp][] = [
    [["get", "cifar10"], /Unknown data set "cifar10": did you mean "cifar-10"/],
    [["get", "shapes"], /shapes is built in: there is nothing to get/],
    [
      ["verify", "nothing-like-it"],
      /allowed: shapes, shapes-16, shapes-masks, shapes-masks-16, shapes-masks-64, cifar-10, cifar-100, fashion-mnist, images, image-masks, npz, idx, grammar, text/,
    ],
    [["verfy", "cifar-10"], /Did you mean verify/],
    [["get", "cifar-10", "--md5", "00"], /name the archive with --from/],
    [["get", "cifar-10", "--from", "x", "--md5", "00"], /an md5 is 32 hexadecimal digits/],
    [["get", "fashion-mnist", "--from", "x", "--md5", "0".repeat(32)], /it has several files/],
    [["get", "cifar-10", "--from", "http://"], /"http:\/\/": it is not a valid address/],
    [["list", "--format", "xml"], /Allowed choices are text, json/],
    [["get"], /missing required argument 'name'/],
  ];
  await Promise.all(cases.map(async ([args, pattern]) => {
    const { code, stdout, stderr } = await inProcess("data", args);
    assert.equal(code, 2, `${args}: ${stderr}`);
    assert.match(stderr, pattern);
    assert.equal(stdout, "");
    assert.ok(!stderr.includes("    at "), stderr);
  }));
});

Deno.test("an address that the task may not reach is told in one line, exit code 1", async () => {
  await inFolder(async (folder) => {
    const { code, stderr } = await cli("data", [
      "get",
      "cifar-10",
      "--data-dir",
      `${folder}/data`,
      "--from",
      "http://127.0.0.1:8099/",
    ]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^Cannot get http:\/\/127\.0\.0\.1:8099\/: Deno was started without the permission to reach .*\n$/,
    );
  });
});

Deno.test("Ctrl-C ends a download that hangs, keeps what came and says so", async () => {
  const hanging = Promise.withResolvers<void>();
  await using server = serve(() => ({
    status: "200 OK",
    headers: { "content-length": 100_000 },
    body: new Uint8Array(30_000),
    then: () => hanging.promise,
  }));
  await inFolder(async (folder, _, md5) => {
    const dataDir = `${folder}/data`;
    // Not as the task runs it: its permissions name the official hosts, and this one is on this machine.
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "main.ts", "data", "get", "cifar-10", "--data-dir", dataDir]
        .concat(["--from", server.url, "--md5", md5]),
      cwd: repositoryRoot(),
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const part = `${dataDir}/cifar-10-binary.tar.gz.${md5.slice(0, 8)}.part`;
    while ((await Deno.stat(part).catch(() => null))?.size !== 30_000) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const asked = performance.now();
    child.kill("SIGINT");
    const { code, stderr } = await child.output();
    const text = new TextDecoder().decode(stderr);
    assert.ok(performance.now() - asked < 20_000);
    assert.equal(code, 130, text);
    assert.match(
      text,
      /Interrupted\.\n30000 bytes are saved in .*\.part; run the same command again to continue/,
    );
    assert.deepEqual(await Array.fromAsync(Deno.readDir(dataDir), ({ name }) => name), [
      part.split("/").at(-1),
    ]);
  });
  hanging.resolve();
});
