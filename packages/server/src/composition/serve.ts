import type { ConfigurationSource } from "@airfleet/control";
import { stopOnSignals } from "../lifecycle/stop-on-signals.ts";
import { startAirfleet } from "./start-airfleet.ts";

export interface ServeOptions {
  readonly source: ConfigurationSource;
  /** Shows a person what they need to know, once: the address, and a one-time token. Never a log. */
  readonly say: (text: string) => void;
}

/**
 * Runs the product in the foreground until SIGTERM or SIGINT; SIGHUP reads the configuration again.
 *
 * @returns the exit code for the process
 * @throws {AirfleetError} when it cannot start
 */
export const serve = async ({ source, say }: ServeOptions): Promise<number> => {
  const airfleet = await startAirfleet({
    source,
    embedded: true,
    onBootstrapToken: (token) => {
      say(`One-time admin token, valid for a day and shown only now:\n\n  ${token}\n`);
      say("Make your own with it: AIRFLEET_TOKEN=… airfleet tokens create --name me --role admin\n");
    },
  });
  say(`Airfleet listens on ${airfleet.url}\n`);
  const hangUp = (): void => airfleet.reload();
  process.on("SIGHUP", hangUp);
  const exitCode = await stopOnSignals(airfleet, airfleet.logger);
  process.off("SIGHUP", hangUp);
  return exitCode;
};
