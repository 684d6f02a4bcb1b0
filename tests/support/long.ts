/**
 * Whether tests take every case of their tables: `deno task test:long` sets `LR_LAB_LONG=1`. `deno task test` takes of
 * some tables the part that their file names, so that it stays within minutes.
 */
export const LONG = Deno.env.get("LR_LAB_LONG") === "1";
