import assert from "node:assert/strict";
import { cli } from "../support/cli.ts";
import { requires } from "../support/requires.ts";

const vulkan = await requires("vulkan");

Deno.test("bench gpu gives its table, and says where PyTorch has no GPU", vulkan, async () => {
  const args = ["gpu", "--batch", "2", "--steps", "2", "--rounds", "1"];
  const { code, stdout, stderr } = await cli("bench", args);
  assert.equal(code, 0, stderr);
  const row =
    /^MODEL +batch 2: .* ms a step, (.* ms by PyTorch.*ratio .*|no PyTorch on a GPU here: no ratio)$/m;
  for (const model of ["cnn-small", "resnet-20"]) {
    assert.match(stdout, new RegExp(row.source.replace("MODEL", model), "m"));
  }
  if (stdout.includes("no ratio")) {
    assert.match(stderr, /(finds no GPU here|has PyTorch): nothing to compare with/);
  }
});

Deno.test("bench step stands beside TensorFlow.js on the same driver", vulkan, async () => {
  const args = [
    "step",
    "--backend",
    "webgpu",
    "--peer",
    "tfjs",
    "--batch",
    "2",
    "--steps",
    "2",
    "--rounds",
    "1",
  ];
  const { code, stdout, stderr } = await cli("bench", [...args, "--format", "json"]);
  assert.equal(code, 0, stderr);
  const { peer, ratio, host_ms_per_step } = JSON.parse(stdout);
  assert.match(peer.name, /TensorFlow\.js 4\.22\.0, op by op/);
  assert.ok(ratio.median > 0 && host_ms_per_step.median > 0);
});
