import type { Store, StoredAlert } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import type { DocumentFollower } from "../documents/document-follower.ts";
import type { FleetInstance } from "../fleet/fleet-instance.ts";
import type { Logger } from "../logger.ts";
import type { Leadership } from "../reconcilers/leadership.ts";
import { createLoop, type Loop } from "../reconcilers/loop.ts";
import { toDeliveries } from "./alert-message.ts";
import type { AlertRule } from "./alert-rule.ts";
import { findTroubles } from "./find-troubles.ts";
import { type AlertStep, endAlert, planAlerts } from "./plan-alerts.ts";

interface AlertPorts {
  readonly store: Pick<Store, "alerts" | "importErrors" | "runs" | "subjects" | "triggers">;
  readonly rules: DocumentFollower<AlertRule>;
  readonly instances: () => readonly FleetInstance[];
  readonly leadership: Leadership;
  readonly everyMs: number;
  /** Deliveries were added. */
  readonly onTold: () => void;
  readonly onWritten: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

const NOT_LEADER_MS = 5_000;

/** Looks at every rule again and again, and writes what follows; whatever it misses it finds the next time. */
export const createAlertReconciler = (ports: AlertPorts): Loop => {
  const { store, rules, instances, leadership, everyMs, onTold, onWritten, clock, logger, random } = ports;
  const now = (): number => clock.now();

  const carryOut = async (rule: string, definition: AlertRule["definition"], step: AlertStep): Promise<void> => {
    const { group, before, state, since, facts, tell } = step;
    const { condition, description } = definition;
    await store.alerts.change({
      rule,
      group,
      condition: before?.condition ?? condition,
      before,
      state,
      since,
      facts,
      isTold: tell !== null,
      deliveries: (id) =>
        tell === null
          ? []
          : toDeliveries(definition, { ...facts, id, rule, description, condition, group, tell, since, at: now() }),
    });
    onWritten();
    if (tell !== null) onTold();
  };

  const judge = async (rule: string, { definition }: AlertRule): Promise<void> => {
    const troubles = await findTroubles({ store, instances, now }, definition);
    const unresolved = await store.alerts.unresolved(rule);
    for (const step of planAlerts(definition, troubles, unresolved, now())) await carryOut(rule, definition, step);
  };

  /** Alerts of a rule that is off or gone end in silence: nobody looks any more whether it is still so. */
  const endOf = async (rule: string): Promise<void> => {
    const definition = rules.find(rule)?.meaning.definition;
    const end = async (alert: StoredAlert): Promise<void> => {
      const step = endAlert({ notify_resolved: false }, alert, now());
      const { group, before, state, since, facts } = step;
      const condition = definition?.condition ?? alert.condition;
      await store.alerts.change({
        rule,
        group,
        condition,
        before,
        state,
        since,
        facts,
        isTold: false,
        deliveries: () => [],
      });
    };
    for (const alert of await store.alerts.unresolved(rule)) await end(alert);
    onWritten();
  };

  const step = async (): Promise<number> => {
    if (!(await leadership.lead())) return NOT_LEADER_MS;
    await rules.refresh();
    const live = rules.list().filter(({ meaning }) => meaning.definition.enabled);
    for (const { document, meaning } of live) {
      try {
        await judge(document.id, meaning);
      } catch (error) {
        logger.warn({ err: error, rule: document.id }, "an alert rule could not be judged; it is tried again");
      }
    }
    const known = new Set(live.map(({ document }) => document.id));
    for (const rule of await store.alerts.unresolvedRules()) if (!known.has(rule)) await endOf(rule);
    return everyMs;
  };

  return createLoop({ name: "alerts", step, clock, logger, random });
};
