import assert from "node:assert/strict";
import { bundle, bundlePath, PROGRAMS } from "#browser/build.ts";
import { requires } from "../support/requires.ts";

for (const program of PROGRAMS) {
  Deno.test(
    `${program}: a build gives the committed bundle (else: deno task build:pages)`,
    await requires("bundler"),
    async () => {
      const committed = await Deno.readTextFile(bundlePath(program));
      // Not assert.equal, which would print both.
      assert.ok(await bundle(program) === committed, `deno task build:pages gives another ${program}.js`);
      assert.ok(committed.length < 400_000, `${committed.length} characters`);
    },
  );
}
