import { random } from "#lib/prng.ts";
import type { RunPlan, RunRecord } from "#results/run.ts";
import type { EnsembleSummary } from "#results/models.ts";
import type { Diagnostic, RunSummary, Summary } from "#results/summary.ts";
import type { TrainEvent } from "#train/events.ts";
import { experimentFixture, type Fixture } from "./experiment_fixture.ts";

/**
 * The invented experiment of {@link experimentFixture} whose second arm has warm restarts and whose last is several
 * models, with everything that such runs tell: snapshots, averages, paths, sharpness and a close look at the first
 * steps. Nothing was trained.
 */
export function cyclesFixture(arms: readonly string[] = ARMS): Fixture {
  const { summary, records } = experimentFixture({ arms, steps: STEPS, stepsPerEpoch: 50 });
  const whole = records.map((record) => withEverything(record, ARMS[arms.indexOf(record.plan.arm)]!));
  const diagnostics = DIAGNOSTICS.map((one) => ({ ...one, arm: arms[1]! }));
  return { records: whole, summary: { ...withModels(summary), diagnostics } };
}

const ARMS = ["cosine", "warm restarts", "step", "three models"] as const;

const STEPS = 600;
const DIAGNOSTICS: readonly Diagnostic[] = [{
  arm: "warm restarts",
  symptom: "plateau",
  runs: 2,
  of: 3,
  text: "The last stretch of the run gains 0.1 points of validation accuracy over the best before it.",
  suggestions: [
    {
      change: "aggressive restarts: every epoch from 4 times the rate",
      schedule: { name: "aggressive_restart", lr: 0.1, multiplier: 4 },
      spec: {} as never,
    },
    {
      change: "warm restarts every 8 % of the run",
      schedule: { name: "sgdr", lr: 0.1, T_0: "8%" },
      spec: {} as never,
    },
  ],
}];
const CYCLE = 200;

/** What is recorded of a run of an arm, by the arm's usual name. */
function withEverything(record: RunRecord, arm: typeof ARMS[number]): RunRecord {
  const { seed } = record.plan;
  const source = random(seed, "cycles", arm);
  const noise = () => source.normal();
  const cyclic = arm === "warm restarts";
  const events = record.events.flatMap((event): TrainEvent[] => {
    if (event.kind === "ended") return [...(cyclic ? forensics(noise) : []), event];
    if (event.kind !== "step") return [event];
    const probed = event.step < 100 ? [event, probe(event.step, arm, noise)] : [event];
    if (arm === "cosine") {
      const glided = { ...event, lr: 0.05 * (1 + Math.cos((Math.PI * event.step) / STEPS)) };
      return [glided, ...probed.slice(1)];
    }
    if (!cyclic) return probed;
    const since = event.step % CYCLE;
    const spike = event.step >= CYCLE ? 0.8 * Math.exp(-since / 20) : 0;
    const at = { ...event, lr: 0.05 * (1 + Math.cos((Math.PI * since) / CYCLE)), loss: event.loss + spike };
    const restart: TrainEvent[] = event.step > 0 && since === 0
      ? [{ kind: "restart", step: event.step, cycle: event.step / CYCLE }]
      : [];
    return [...restart, at, ...probed.slice(1)];
  });
  const schedule = cyclic
    ? { name: "sgdr", lr: 0.1, T_0: `${CYCLE} steps` }
    : arm === "step"
    ? { name: "multistep", lr: 0.1, gamma: 0.1, milestones: ["33.333%", "66.667%", "88.889%"] }
    : { name: "cosine", lr: 0.1 };
  return { ...record, plan: { ...record.plan, schedule } as RunPlan, events };
}

function probe(step: number, arm: string, noise: () => number): TrainEvent {
  const ramp = arm === "cosine" ? 1 : Math.min(1, (step + 1) / 50);
  return {
    kind: "probe",
    step,
    gradient_norm: (3 + 0.3 * noise()) * Math.exp(-step / 60),
    weight_norm: 20 + step / 100,
    update_norm: 0.4 * ramp * (1 + 0.1 * noise()),
    second_moment: 0.01 * Math.exp(-step / 40) * (1 + 0.1 * noise()),
    step_rms: 0.3 + 0.7 * Math.exp(-step / 5),
    saturated: Math.min(1, Math.max(0, Math.exp(-step / 8) + 0.01 * noise())),
  };
}

function forensics(noise: () => number): TrainEvent[] {
  const positions = [0, 0.25, 0.5, 0.75, 1];
  return [0, 1, 2].flatMap((cycle): TrainEvent[] => [
    ...(cycle === 2 ? [] : [{
      kind: "path" as const,
      step: STEPS,
      from: cycle,
      to: cycle + 1,
      distance: 9 - cycle,
      relative_distance: 0.4 - 0.1 * cycle + 0.01 * noise(),
      positions,
      losses: positions.map((at) => 1 - 0.1 * cycle - 0.1 * at + (cycle === 0 ? 0.9 : 0) * at * (1 - at)),
    }]),
    {
      kind: "sharpness",
      step: STEPS,
      cycle,
      radius: 0.05,
      loss: 1 - 0.1 * cycle,
      rises: [0, 1, 2, 3].map(() => 0.12 - 0.03 * cycle + 0.01 * noise()),
    },
  ]);
}

function withModels(summary: Summary): Summary {
  return {
    ...summary,
    arms: summary.arms.map((arm, index) => ({
      ...arm,
      runs: arm.runs.map((run) => index === 1 ? withAverages(run) : run),
      ...(index === 1 || index === 3 ? { ensembles: arm.runs.map((run) => ensemble(run, index)) } : {}),
    })),
  };
}

function withAverages(run: RunSummary): RunSummary {
  const model = (name: string, gain: number) => ({
    name,
    validation_accuracy: run.final.validation_accuracy! + gain,
    validation_loss: run.final.validation_loss! - gain,
    test_accuracy: run.final.test_accuracy! + gain,
    test_loss: run.final.test_loss,
  });
  const source = random(run.seed, "averages");
  return {
    ...run,
    models: [
      model("final", 0),
      model("snapshot/0", -0.05),
      model("ema", 0.004 + 0.002 * source.normal()),
      model("swa", 0.01 + 0.002 * source.normal()),
    ],
  };
}

function ensemble({ seed, final }: RunSummary, index: number): EnsembleSummary {
  const alone = final.test_accuracy! - 0.02;
  const gains = [0, 0.015, 0.022].map((gain) => gain * (index === 1 ? 1 : 1.8));
  const score = (gain: number) => ({
    validation_accuracy: alone + gain,
    validation_loss: 0.9,
    test_accuracy: alone + gain,
    test_loss: 0.9,
  });
  return {
    seed,
    kind: index === 1 ? "snapshots" : "members",
    members: 3,
    steps: STEPS,
    ...score(gains[2]!),
    mean_logits: score(gains[2]! - 0.002),
    weighted: score(gains[2]! + 0.001),
    single: { validation_accuracy: alone, test_accuracy: alone },
    chosen: { validation_accuracy: alone + 0.01, test_accuracy: alone + 0.005 },
    test_accuracy_by_members: gains.map((gain) => alone + gain),
    disagreement: 0.1 * index,
  };
}
