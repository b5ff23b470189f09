import { AirfleetError, type InstanceId, type Tier } from "@airfleet/model";

/**
 * Lets code go to production only when the caller says which: the id of the one, or `"N production"`.
 *
 * @throws {AirfleetError} CONFIRMATION_NEEDED
 */
export const confirmDeployment = (
  instances: readonly { readonly id: InstanceId; readonly tier: Tier }[],
  confirm: string | undefined,
): void => {
  const production = instances.filter(({ tier }) => tier === "production");
  const [only] = production;
  if (only === undefined) return;
  const expected = production.length === 1 ? only.id : `${production.length} production`;
  if (confirm !== expected) throw new AirfleetError("CONFIRMATION_NEEDED", { instance: expected });
};
