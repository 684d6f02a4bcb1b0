import assert from "node:assert/strict";
import { withOutsideProgram } from "../support/outside_program.ts";

Deno.test("a program outside the lab that builds schedules has right types", () =>
  withOutsideProgram(async (deno) => {
    assert.equal(await deno("run", "--check", "--no-lock", "--allow-env", "program.ts"), "0.5\n");
  }));
