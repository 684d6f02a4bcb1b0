/** Robbins and Monro's conditions: the rates of an endless run sum to infinity, their squares to a finite number. */
export interface Conditions {
  readonly sumDiverges: boolean;
  readonly squaresConverge: boolean;
  /** One clause. */
  readonly because: string;
}

/** A rate that stays above a positive bound. */
export const STAYS: Conditions = {
  sumDiverges: true,
  squaresConverge: false,
  because: "the rate never falls below a positive bound for good",
};

/** A rate with a finite sum. */
export const VANISHES: Conditions = {
  sumDiverges: false,
  squaresConverge: true,
  because: "the rate falls to 0 so fast that a start too far from the optimum is never made up for",
};

/** A rate that falls as 1/√t. */
export const ROOT: Conditions = {
  sumDiverges: true,
  squaresConverge: false,
  because: "the squares of 1/√t are 1/t, whose sum diverges",
};

export const vanishesIf = (vanishes: boolean): Conditions => vanishes ? VANISHES : STAYS;
