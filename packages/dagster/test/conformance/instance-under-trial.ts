import type { ConformanceHost } from "@airfleet/engine";
import { InstanceConfig, resolveInstanceConfig } from "@airfleet/model";
import { attachDagster, type RunningDagster, startDagster } from "@airfleet/tools-engines";
import { createDagsterEngine } from "../../src/index.ts";

export const TOKEN = "the-right-token";

/** The one that `AIRFLEET_DAGSTER` names, else one of our own that ends with the suite. */
export const takeDagster = (): Promise<RunningDagster> => {
  const known = process.env["AIRFLEET_DAGSTER"];
  return known === undefined ? startDagster({ brokenLocation: true }) : attachDagster(known);
};

/** An engine for the Dagster behind this address. */
export const openEngine = (url: string, token: string = TOKEN) => {
  const config = InstanceConfig.parse({
    id: "dagster-1",
    engine: "dagster",
    url,
    auth: { type: "bearer", token },
    limits: { timeout_ms: 60_000 },
  });
  return createDagsterEngine({ config: resolveInstanceConfig(config, () => "") });
};

/** A running Dagster, behind its proxy, as the suite wants to have it. */
export const hostOf = (url: string): ConformanceHost => ({
  open: ({ credentials = "right" } = {}) => openEngine(url, credentials === "right" ? TOKEN : "wrong-password"),
  pollMs: 400,
  // A run is a Python process of its own, whose start alone takes seconds of a busy processor.
  patienceMs: 240_000,
});
