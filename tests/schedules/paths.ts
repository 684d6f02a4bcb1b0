import { fileURLToPath } from "node:url";

/** A path relative to this folder, as the operating system writes it. */
export const fromFileUrl = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
