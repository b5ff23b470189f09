import { setTimeout as delay } from "node:timers/promises";

interface Listed {
  readonly items: readonly { readonly id: string; readonly status: { readonly dags_observed_at: string | null } }[];
}

/** Waits until the server has read the DAG list of all but `except` once. @throws after `deadlineMs` */
export const waitUntilSwept = async (
  url: string,
  options: { readonly except?: readonly string[]; readonly deadlineMs?: number } = {},
): Promise<void> => {
  const deadline = Date.now() + (options.deadlineMs ?? 120_000);
  for (;;) {
    const answer = await fetch(`${url}/api/v1/instances`);
    const listed = (await answer.json()) as Listed;
    const missing = listed.items.filter(
      (item) => item.status.dags_observed_at === null && options.except?.includes(item.id) !== true,
    );
    if (listed.items.length > 0 && missing.length === 0) return;
    if (Date.now() > deadline) throw new Error(`not read in time: ${missing.map((item) => item.id).join(", ")}`);
    await delay(200);
  }
};
