import { AirfleetError } from "@airfleet/model";
import type { FleetInstance } from "../fleet/fleet-instance.ts";

interface ListConfirmation {
  /** Of the list as it was found now. */
  readonly hash: string;
  readonly count: number;
  readonly confirm: string | undefined;
  readonly listHash: string | undefined;
}

/**
 * Lets many writes pass that touch production only when the caller repeated the id of the one production instance, or
 * said how many there are and gave the hash of the very list that was looked at.
 *
 * @throws {AirfleetError} CONFIRMATION_NEEDED, STOP_CONFIRMATION_NEEDED, STOP_LIST_CHANGED
 */
export const checkListConfirmation = (
  touched: readonly Pick<FleetInstance, "id" | "tier">[],
  { hash, count, confirm, listHash }: ListConfirmation,
): void => {
  if (listHash !== undefined && listHash !== hash) throw new AirfleetError("STOP_LIST_CHANGED", { count, hash });
  const production = [...new Set(touched.filter(({ tier }) => tier === "production").map(({ id }) => id))];
  const [only] = production;
  if (only === undefined) return;
  if (production.length === 1) {
    if (confirm !== only) throw new AirfleetError("CONFIRMATION_NEEDED", { instance: only });
    return;
  }
  if (confirm === `${production.length} production` && listHash === hash) return;
  throw new AirfleetError("STOP_CONFIRMATION_NEEDED", { count: production.length, instances: production, hash });
};
