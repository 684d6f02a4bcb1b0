/** Modules that training commands load late, so that `--help` and errors in options come at once. */
export { experiment } from "#study/experiment/study.ts";
export { lrRangeTest } from "#study/lr_range_test/study.ts";
export { sweep } from "#study/sweep/study.ts";
export { theory } from "#study/theory.ts";
export { runStudy } from "./run_study.ts";
export { studySpec, VOCABULARY } from "../studies/study_spec.ts";
