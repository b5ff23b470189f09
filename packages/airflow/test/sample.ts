import { readdirSync, readFileSync } from "node:fs";

/** A recorded request and its answer of a real 2.11.2 (`v1`) or 3.3.2 (`v2`); long lists are cut to two rows. */
export interface Sample {
  readonly request: { readonly method: string; readonly path: string; readonly body: unknown };
  readonly response: { readonly status: number; readonly headers: Record<string, string>; readonly body: unknown };
}

export type SampleSet = "v1" | "v2";

const folder = (set: SampleSet): URL => new URL(`samples/${set}/`, import.meta.url);

export const sample = (set: SampleSet, name: string): Sample =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder(set)), "utf8")) as Sample;

export const sampleNames = (set: SampleSet): string[] =>
  readdirSync(folder(set))
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -5))
    .sort();
