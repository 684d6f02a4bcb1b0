import type { Split } from "#train/data.ts";
import type { Batch, Evaluation } from "#train/learner.ts";
import { labelEvaluation } from "../label_evaluation.ts";
import { plainBatch, plainBatches } from "../plain_batch.ts";
import { logitsPerImage } from "../segmentation.ts";
import type { Program } from "./program.ts";
import type { ReplicaGroup } from "./replica_group.ts";

/** Loss and hits over a whole split, for each of some replicas. */
export async function evaluate(
  group: ReplicaGroup,
  split: Split,
  taking: readonly number[],
): Promise<Evaluation[]> {
  const { gpu, replicas, evaluationBatch, options: { data, model } } = group;
  const { count } = data[split];
  const each = logitsPerImage(model) / model.classes;
  const bytes = 8 * each;
  const results = gpu.createBuffer(`${split} results`, taking.length * count * bytes);
  for (let start = 0; start < count; start += evaluationBatch) {
    const images = Math.min(evaluationBatch, count - start);
    const program = infer(group, split, plainBatch(start, images), taking);
    taking.forEach((replica, place) => {
      const from = replicas.start(program.results, replica);
      gpu.queue.copy(program.results, from, results, (place * count + start) * bytes, images * bytes);
    });
  }
  const values = new Float32Array(await gpu.read(results));
  results.destroy();
  return taking.map((_, place) => {
    let [loss, hits] = [0, 0];
    for (let row = place * count * each; row < (place + 1) * count * each; row++) {
      loss += values[2 * row]!;
      hits += values[2 * row + 1]!;
    }
    return labelEvaluation(data, { loss, hits }, count);
  });
}

/** Logits of images of a split (absent: of all), for each of some replicas. */
export async function predict(
  group: ReplicaGroup,
  split: Split,
  images: readonly number[] | undefined,
  taking: readonly number[],
): Promise<Float32Array[]> {
  const { gpu, replicas, options: { data, model } } = group;
  const { count } = data[split];
  const bytes = 4 * logitsPerImage(model);
  const logits = taking.map(() => gpu.createBuffer(`${split} logits`, (images?.length ?? count) * bytes));
  for (const { batch, start } of plainBatches(count, group.evaluationBatch, images)) {
    const program = infer(group, split, batch, taking);
    taking.forEach((replica, place) => {
      const from = replicas.start(program.logits, replica);
      gpu.queue.copy(program.logits, from, logits[place]!, start * bytes, batch.indices.length * bytes);
    });
  }
  return await Promise.all(logits.map(async (buffer) => {
    const values = new Float32Array(await gpu.read(buffer));
    buffer.destroy();
    return values;
  }));
}

/** Runs images through the network in inference mode. */
function infer(group: ReplicaGroup, split: Split, batch: Batch, taking: readonly number[]): Program {
  const program = group.programs.get("inference", split, batch.indices.length);
  group.sendItems(program, taking.map((replica) => ({ replica, batch })));
  group.replicas.run(program.dispatches, taking);
  return program;
}
