import type { Engine } from "@airfleet/engine";
import type { ConfigEntryWrite } from "@airfleet/model";
import { type Facts, toConfigFacts } from "./facts.ts";
import type { Attempt, Performer } from "./performer.ts";

const read = async (engine: Engine, { kind, key }: ConfigEntryWrite, attempt: Attempt): Promise<Facts | null> => {
  const entries = await engine.listConfig(kind, attempt.call());
  const entry = entries.find((candidate) => candidate.key === key);
  return entry === undefined ? null : toConfigFacts(entry);
};

/** Creates or replaces a variable, connection or pool. Before and after are hashes: the value itself stays out. */
export const performConfig: Performer<"config:write"> = async ({ entry }, engine, attempt) => {
  const before = attempt.earlier ?? (await read(engine, entry, attempt));
  await attempt.send(before, (options) => engine.putConfig(entry, options));
  return { before, after: await read(engine, entry, attempt) };
};
