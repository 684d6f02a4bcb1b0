import { MODELS } from "#compute/models.ts";
import type { DataFigures } from "#bench/data.ts";
import type { GpuFigures } from "#bench/gpu.ts";
import type { KernelsReport } from "#bench/kernels.ts";
import type { ProfileFigures } from "#bench/profile.ts";
import type { StartupFigures } from "#bench/startup.ts";
import type { Spread } from "#bench/statistics.ts";
import type { StepFigures } from "#bench/step.ts";
import type { TogetherFigures } from "#bench/together.ts";
import type { ToolkitFigures } from "#bench/toolkit.ts";

const between = ({ median, low, high }: Spread, digits: number) =>
  `${median.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;

/** The size of a model's images, or of its windows of text. */
function sizeText(model: string, size: number): string {
  return MODELS[model]?.labelUnit === "token" ? `${size} tokens` : `${size}×${size}`;
}

export function stepText(figures: StepFigures): string {
  const { device, model, size, batch, threads, runs, peer, ratio, gflops, processor } = figures;
  const host = figures.host_ms_per_step;
  const how = [
    threads > 1 ? `${threads} threads` : "one thread",
    runs > 1 ? `${runs} runs at once, wall time by steps of all` : "one run",
  ].join(", ");
  // Steps of small networks take less than a millisecond.
  const digits = figures.ms_per_step < 10 ? 3 : 1;
  return [
    `${model}, ${sizeText(model, size)}, batch ${batch}, ${device.name} (${device.detail})`,
    `${how}: ${between(figures.ms_per_step_spread, digits)} ms a step, ${gflops.toFixed(1)} GFLOP/s`,
    ...peer ? [`${peer.name}: ${between(peer.ms_per_step, digits)} ms a step`] : [],
    ...ratio ? [`ratio, round by round: ${between(ratio, ratio.median < 0.2 ? 3 : 2)}`] : [],
    `processor time of all threads: ${between(processor.ms_per_step, digits)} ms a step${
      processor.ratio
        ? ` against ${between(processor.peer_ms_per_step!, digits)}; ratio ${between(processor.ratio, 2)}`
        : ""
    }`,
    ...host === null ? [] : [`JavaScript, submissions included: ${between(host, 2)} ms a step`],
    `evaluation: ${figures.evaluation_ms_per_image.toFixed(3)} ms an image`,
    ...figures.memory_bytes === null ? [] : [`memory: ${(figures.memory_bytes / 2 ** 20).toFixed(1)} MiB`],
    "",
  ].join("\n");
}

export function togetherText({ model, size, batch, device, counts, refused }: TogetherFigures): string {
  const rows = counts.map((figures) => {
    const { runs, steps_per_second, ratio, processor_ms_per_step: processor } = figures;
    return `${String(runs).padStart(3)} at once: ${between(steps_per_second, 1)} steps a second of all, ` +
      `${between(ratio, 2)} times one run's; ${between(processor, 2)} ms of processor a step of one, ` +
      `${figures.dispatches_per_step.toFixed(0)} dispatches and ${
        figures.submissions_per_step.toFixed(2)
      } submissions a step of all`;
  });
  return [
    `${model}, ${sizeText(model, size)}, batch ${batch}, ${device.name} (${device.detail})`,
    ...rows,
    ...refused === null ? [] : [`no more: ${refused}`],
    "",
  ].join("\n");
}

export function toolkitText(
  { model, batch, device, ms_per_step, variants, checkpoint }: ToolkitFigures,
): string {
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
  const rows = variants.map(({ name, ratio, extra_bytes }) =>
    `${name.padEnd(28)} ${between(ratio, 2)} of plain's time, ${mebibytes(extra_bytes)} more state`
  );
  const { bytes, take_ms, encode_ms, decode_ms } = checkpoint;
  return [
    `${model}, batch ${batch}, ${device.name} (${device.detail})`,
    `plain SGD with momentum: ${between(ms_per_step, 1)} ms a step`,
    ...rows,
    `a checkpoint: ${mebibytes(bytes)}; ${between(take_ms, 1)} ms to take, ${between(encode_ms, 1)} ms to ` +
    `encode, ${between(decode_ms, 1)} ms to read and check`,
    "",
  ].join("\n");
}

export function kernelsText({ model, size, batch, build, peak_gflops, kernels }: KernelsReport): string {
  const rows = kernels.map(({ kernel, shape, ms, gflops, share_of_peak }) => {
    const speed = gflops === null ? "" : `${gflops.toFixed(1).padStart(7)} GFLOP/s`;
    const share = share_of_peak === null ? "" : `${(100 * share_of_peak).toFixed(0).padStart(4)} %`;
    return `${kernel.padEnd(31)} ${shape.padEnd(20)} ${ms.toPrecision(3).padStart(7)} ms ${speed}${share}`
      .trimEnd();
  });
  const peak = `one core, ${build} build; multiply-adds on registers alone: ${
    peak_gflops.toFixed(1)
  } GFLOP/s`;
  const counted = "operations counted as those of a direct convolution; Winograd's algorithm does with fewer";
  return [`${model}, ${sizeText(model, size)}, batch ${batch}: ${peak}`, counted, ...rows, ""].join("\n");
}

export function startupText({ empty_ms, help_ms, schedule_ms, first_step_ms }: StartupFigures): string {
  return [
    `empty program:                  ${between(empty_ms, 0)} ms`,
    `main.ts --help:                 ${between(help_ms, 0)} ms`,
    `main.ts schedule, 100 steps:    ${between(schedule_ms, 0)} ms`,
    `process to its first step:    ${between(first_step_ms, 0)} ms`,
    "",
  ].join("\n");
}

export function dataText(figures: readonly DataFigures[]): string {
  const rows = figures.map(({ dataset, images, ms, us_per_image }) =>
    `${dataset.padEnd(15)} ${images} images: ${between(ms, 0)} ms, ${us_per_image.toFixed(1)} µs an image\n`
  );
  return rows.join("");
}

/** The table of `bench gpu`: what it cannot compare with is said. */
export function gpuText(figures: readonly GpuFigures[]): string {
  const rows = figures.map(({ model, batch, ms_per_step_spread, peer, ratio, goal }) => {
    const beside = peer && ratio
      ? `${between(peer.ms_per_step, 2)} ms by ${peer.name}; ratio ${between(ratio, 2)}${
        goal === null ? "" : `, the goal is at most ${goal}`
      }`
      : "no PyTorch on a GPU here: no ratio";
    return `${model.padEnd(10)} batch ${batch}: ${between(ms_per_step_spread, 2)} ms a step, ${beside}`;
  });
  return [...figures.slice(0, 1).map(({ device }) => `${device.name} (${device.detail})`), ...rows, ""].join(
    "\n",
  );
}

export function profileText(figures: ProfileFigures): string {
  const { model, size, batch, device, ms_per_step, host_ms, read_ms, kernel_ms, kernels } = figures;
  const share = (ms: number) => `${(100 * ms / ms_per_step.median).toFixed(1).padStart(5)} %`;
  const line = (name: string, ms: number, more = "") =>
    `${name.padEnd(40)} ${ms.toFixed(3).padStart(9)} ms ${share(ms)}${more}`;
  return [
    `${model}, ${sizeText(model, size)}, batch ${batch}, ${device.name} (${device.detail})`,
    `a step: ${
      between(ms_per_step, 2)
    } ms; JavaScript, transfer and kernels overlap, so shares need not add up to 100 %`,
    line("JavaScript, submissions included", host_ms.median),
    line("transfer: losses to the host", read_ms.median),
    ...kernel_ms === null ? [] : [line("kernels", kernel_ms, ", each in a pass of its own:")],
    ...kernels === null
      ? ["this adapter has no timestamps (timestamp-query): no times of kernels"]
      : kernels.map(({ name, dispatches, ms }) => line(`  ${name}`, ms, ` ×${dispatches}`)),
    "",
  ].join("\n");
}
