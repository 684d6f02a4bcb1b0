/** Which profile notebooks run; `quick` where nothing is said. */
export const PROFILE_VARIABLE = "LR_LAB_PROFILE";

/** The profiles of exercises, and `tiny`: quick with few images, two seeds and little tuning, which shows nothing. */
export const PROFILES = ["tiny", "quick", "standard", "full"] as const;

/** Values of `tiny` that replace those of `quick`. */
export const TINY = {
  "dataset.train": 160,
  "dataset.validation": 100,
  "dataset.test": 100,
  "tune.seeds": [101, 102],
  "tune.extend": 0,
  seeds: [1, 2],
  looks: null,
};
