import { createHash } from "node:crypto";
import { AirfleetError, type ErrorCode, isAirfleetError, type RunKey } from "@airfleet/model";
import type { Store, StoredStop } from "@airfleet/store";
import type { Action, ActionIntent } from "../actions/action.ts";
import { toNewAction } from "../actions/stored-intent.ts";
import type { Actor } from "../actor.ts";
import { type Clock, pause } from "../clock.ts";
import type { ActionUseCases } from "../control.ts";
import type { InstanceRegistry } from "../fleet/instance-registry.ts";
import type { CanSee, FleetRun, FleetRunQuery, FleetRunUseCases } from "../runs/fleet-run.ts";
import type { Redact } from "../triggers/secret-names.ts";
import { checkListConfirmation } from "./list-confirmation.ts";
import type { StopPorts } from "./stop-ports.ts";

/** Runs that are stopped by one request at most. */
const STOPS_AT_ONCE = 1_000;

/** How each of many runs is to be stopped. */
export interface StopWish {
  readonly waitSeconds?: number;
  readonly teardown?: boolean;
  readonly delete?: boolean;
}

/** Which runs: named, or all that a query finds now. */
export type StopTargets = { readonly keys: readonly RunKey[] } | { readonly query: Omit<FleetRunQuery, "limit"> };

export interface StopManyRequest {
  readonly targets: StopTargets;
  readonly wish: StopWish;
  readonly canSee: CanSee;
  /** The id of the one production instance concerned, or `N production`, with the hash of the list. */
  readonly confirm?: string;
  readonly listHash?: string;
  readonly dryRun: boolean;
}

/** What was done about one run of many. */
export interface StopTicket {
  readonly key: RunKey;
  /** Null for a key that stands for no run. */
  readonly run: FleetRun | null;
  readonly action: Action | null;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
}

export interface StopList {
  readonly hash: string;
  readonly tickets: readonly StopTicket[];
}

/** Stopping many runs, and what is known of one that was stopped. */
export interface StopUseCases {
  /**
   * Records a stop for each run, or in a dry run tells which they are. One that cannot be stopped does not keep the others
   * from it.
   * @throws STOPS_TOO_MANY, CONFIRMATION_NEEDED, STOP_CONFIRMATION_NEEDED, STOP_LIST_CHANGED before anything is recorded
   */
  request(actor: Actor, request: StopManyRequest): Promise<StopList>;
  /** The same as it stands when every stop has ended, or after this time in milliseconds. */
  settle(list: StopList, withinMs: number, signal?: AbortSignal): Promise<StopList>;
  /** The newest stop of a run. @throws STOP_NOT_KNOWN */
  newest(key: RunKey): Promise<StoredStop>;
}

interface UseCasePorts {
  readonly store: Pick<Store, "actions" | "stops">;
  readonly registry: InstanceRegistry;
  readonly runs: Pick<FleetRunUseCases, "list" | "get">;
  readonly actions: Pick<ActionUseCases, "get">;
  readonly terms: StopPorts["terms"];
  readonly retryForMs: number;
  readonly redact: Redact;
  readonly clock: Clock;
  /** Something is to be carried out. */
  readonly onWaiting: () => void;
  readonly onWritten: () => void;
}

/** Actions that are written beside each other. */
const AT_A_TIME = 25;
const LOOK_MS = 500;
const PAGE = 500;

const hashOf = (keys: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(keys.toSorted())).digest("base64url").slice(0, 16);

const isOpen = ({ action }: StopTicket): boolean => action?.state === "pending";

export const createStopUseCases = (ports: UseCasePorts): StopUseCases => {
  const { store, registry, runs, actions, terms, retryForMs, redact, clock, onWaiting, onWritten } = ports;

  const findNamed = (keys: readonly RunKey[], canSee: CanSee): Promise<readonly StopTicket[]> =>
    Promise.all(
      [...new Set(keys)].map(async (key): Promise<StopTicket> => {
        try {
          return { key, run: await runs.get(key, canSee), action: null, error: null };
        } catch (error) {
          if (!isAirfleetError(error, "RUN_KEY_UNKNOWN")) throw error;
          return { key, run: null, action: null, error };
        }
      }),
    );

  const findAll = async (query: Omit<FleetRunQuery, "limit">): Promise<readonly StopTicket[]> => {
    const found: StopTicket[] = [];
    let after: string | undefined;
    do {
      const page = await runs.list({ ...query, limit: PAGE, ...(after === undefined ? {} : { after }) });
      found.push(...page.items.map((run) => ({ key: run.run.key, run, action: null, error: null })));
      after = page.next ?? undefined;
    } while (after !== undefined && found.length <= STOPS_AT_ONCE);
    return found;
  };

  const record = async (actor: Actor, ticket: StopTicket, wish: StopWish): Promise<StopTicket> => {
    if (ticket.run === null) return ticket;
    const { run, instance } = ticket.run;
    const { dagId, runId } = run.record;
    const intent: ActionIntent = { verb: "run:stop", instance: instance.id, dagId, runId, ...wish };
    try {
      registry.getEnabled(instance.id);
      const deadlineAt = clock.now() + retryForMs + terms(intent).waitMs;
      const { action } = await store.actions.record(toNewAction(intent, { actor, redact, deadlineAt }));
      return { ...ticket, action: await actions.get(action.id) };
    } catch (error) {
      if (!isAirfleetError(error)) throw error;
      return { ...ticket, error };
    }
  };

  return {
    async request(actor, { targets, wish, canSee, confirm, listHash, dryRun }) {
      const found = "keys" in targets ? await findNamed(targets.keys, canSee) : await findAll(targets.query);
      if (found.length > STOPS_AT_ONCE) throw new AirfleetError("STOPS_TOO_MANY", { limit: STOPS_AT_ONCE });
      const hash = hashOf(found.map(({ key }) => key));
      if (dryRun) return { hash, tickets: found };
      const touched = found.flatMap(({ run }) => (run === null ? [] : [run.instance]));
      checkListConfirmation(touched, { hash, count: found.length, confirm, listHash });
      const tickets: StopTicket[] = [];
      for (let start = 0; start < found.length; start += AT_A_TIME) {
        const part = found.slice(start, start + AT_A_TIME);
        tickets.push(...(await Promise.all(part.map((ticket) => record(actor, ticket, wish)))));
      }
      onWritten();
      onWaiting();
      return { hash, tickets };
    },

    async settle({ hash, tickets: asked }, withinMs, signal) {
      const until = clock.now() + withinMs;
      let tickets = asked;
      while (tickets.some(isOpen) && clock.now() < until) {
        await pause(clock, Math.min(LOOK_MS, until - clock.now()), signal);
        if (signal?.aborted === true) break;
        const now: StopTicket[] = [];
        for (const ticket of tickets) {
          now.push(isOpen(ticket) ? { ...ticket, action: await actions.get(ticket.action?.id ?? "") } : ticket);
        }
        tickets = now;
      }
      return { hash, tickets };
    },

    async newest(key) {
      const [stop] = await store.stops.ofRun(key, 1);
      if (stop === undefined) throw new AirfleetError("STOP_NOT_KNOWN", { run: key });
      return stop;
    },
  };
};
