/** Which images are held out does not change with the seeds of runs, so that all experiments share their splits. */
export const SPLIT_SEED = 2017;
