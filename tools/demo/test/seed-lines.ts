import { readFileSync } from "node:fs";
import path from "node:path";

/** One curl line of the first seed's document. */
export interface SeedLine {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  /** The line as it stands in the document. */
  readonly text: string;
}

const GUIDE = path.resolve(import.meta.dirname, "../../../docs/guides/from-multi-client-airflow.md");

/** The curl lines of our guide, which are the seed document's, continuation lines joined. */
export const seedLines = (): readonly SeedLine[] =>
  readFileSync(GUIDE, "utf8")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .filter((line) => line.startsWith("curl "))
    .map((text) => ({
      text,
      method: /-X (\w+)/.exec(text)?.[1] ?? "GET",
      path: /http:\/\/localhost:3000([^"\s]*)/.exec(text)?.[1] ?? "/",
      body: /-d '([^']*)'/.exec(text)?.[1],
    }));
