import { toStorableText } from "../text/storable-text.ts";
import type { PipelineTermKind } from "./pipeline-repository.ts";

/** What pipelines are found by, each once, as the table has it. */
export const termsOf = (terms: Readonly<Record<PipelineTermKind, readonly string[] | undefined>>) =>
  Object.entries(terms).flatMap(([kind, values]) =>
    [...new Set((values ?? []).map(toStorableText))].map((term) => ({ kind, term })),
  );
