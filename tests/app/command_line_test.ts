import assert from "node:assert/strict";
import { commandLine, quoted } from "#app/commands/command_line.ts";

Deno.test("a command line is kept as it was typed, without what changes no figure", () => {
  const typed = [
    ...[
      "sweep",
      "my spec.yaml",
      "--over",
      "arms[0].schedule.lr=0.01,0.1",
      "--out",
      "runs/a b",
      "--format=json",
    ],
    ...["--resume", "--open", "--jobs", "4", "--checkpoint-every=5", "--fresh", "--threads", "2", "--all"],
  ];
  assert.equal(
    commandLine(typed),
    "deno task sweep 'my spec.yaml' --over 'arms[0].schedule.lr=0.01,0.1' --threads 2 --all",
  );
  assert.equal(
    commandLine([
      "train",
      "a.yaml",
      "--serve",
      "8080",
      "--log",
      "tensorboard",
      "--until",
      "decided",
      "--serve",
    ]),
    "deno task train a.yaml --until decided",
  );
  assert.equal(commandLine(["exercise", "2", "--serve=0", "--serve"]), "deno task exercise 2");
  assert.equal(
    commandLine(["exercise", "0", "--seeds", "7-7", "--profile", "quick", "--backend=wasm"], [
      "--profile",
      "--backend",
    ]),
    "deno task exercise 0 --seeds 7-7",
  );
});

Deno.test("words that a shell would change are quoted, and stay one word", () => {
  assert.equal(quoted("specs/a-1.yaml"), "specs/a-1.yaml");
  assert.equal(quoted("it's $HOME"), `'it'\\''s $HOME'`);
  assert.equal(quoted(""), "''");
});
