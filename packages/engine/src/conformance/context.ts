import type { Capabilities, Probe } from "../capabilities.ts";
import type { Engine } from "../engine.ts";
import { createGiven, type Given } from "./given.ts";
import type { ConformanceHost } from "./host.ts";
import type { Patience } from "./waiting.ts";

/** What a claim is tried with. One context serves all claims of an instance, also at the same time. */
export interface ClaimContext {
  readonly engine: Engine;
  readonly probe: Probe;
  readonly capabilities: Capabilities;
  readonly given: Given;
  readonly host: ConformanceHost;
  readonly patience: Patience;
}

/** A context for one instance; closing it closes its engine. */
export interface ConformanceSession extends AsyncDisposable {
  readonly context: ClaimContext;
}

/** Connects to the instance and finds out its abilities. */
export const openConformanceSession = async (host: ConformanceHost): Promise<ConformanceSession> => {
  const engine = host.open();
  const probe = await engine.probe();
  const patience = { pollMs: host.pollMs ?? 500, patienceMs: host.patienceMs ?? 90_000 };
  const given = createGiven({ engine, probe, patience });
  return {
    context: { engine, probe, capabilities: probe.capabilities, given, host, patience },
    [Symbol.asyncDispose]: () => engine.close(),
  };
};
