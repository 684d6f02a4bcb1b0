/** Modules that `benchmark` loads late, so that `--help` and errors in options come at once. */
export { joinSettings } from "./join.ts";
export { profileIn, readBenchmark } from "./read.ts";
export { placesOf } from "./settings.ts";
export { trainSettings } from "./train.ts";
export { writeBenchmark } from "./write.ts";
