/** A claim, the question that tests it, and `opposite` where the question's hypothesis says the contrary. */
export type Row = readonly [claim: string, question: string, claims?: "opposite"];

/** By the number of the exercise. */
export type Rows = Readonly<Record<number, readonly Row[]>>;
