import type { ConfigEntry } from "@airfleet/model";
import { act, done, type ExperimentalContext, type ExperimentalRoute, named } from "./experimental-route.ts";
import { ExperimentalRefusal } from "./refusal.ts";

type Facts = Readonly<Record<string, unknown>> | null;

/** As an action read it back: the client of Airflow 2 gives up after five seconds, so nothing is asked twice. */
const toPool = (name: string, facts: Facts): object => ({
  pool: name,
  slots: facts?.["slots"] ?? 0,
  description: facts?.["description"] ?? null,
  include_deferred: facts?.["include_deferred"] === true,
});

const fromEntry = ({ key, description, facts }: ConfigEntry): object => toPool(key, { ...facts, description });

const noPool = (name: string): ExperimentalRefusal => new ExperimentalRefusal(404, `Pool '${name}' doesn't exist`);

const listPools = ({ control, instance, reading }: ExperimentalContext): Promise<readonly ConfigEntry[]> =>
  control.live.config(instance.id, ["pool"], reading);

const findPool = async (context: ExperimentalContext, name: string): Promise<ConfigEntry> => {
  const found = (await listPools(context)).find(({ key }) => key === name);
  if (found === undefined) throw noPool(name);
  return found;
};

/** Airflow's own limit. */
const LONGEST_NAME = 250;

const readSlots = (value: unknown): number => {
  const slots = typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof slots === "number" && Number.isFinite(slots)) return Math.trunc(slots);
  throw new ExperimentalRefusal(
    400,
    `Bad value for \`slots\`: ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
};

const putPool = async (context: ExperimentalContext): Promise<object> => {
  const { name, slots, description, include_deferred: includeDeferred } = context.body;
  if (typeof name !== "string" || name.trim() === "") {
    throw new ExperimentalRefusal(400, "Pool name shouldn't be empty");
  }
  if (name.length > LONGEST_NAME) {
    throw new ExperimentalRefusal(400, `Pool name can't be more than ${LONGEST_NAME} characters`);
  }
  const action = await act(context, {
    verb: "config:write",
    instance: context.instance.id,
    entry: {
      kind: "pool",
      key: name,
      slots: readSlots(slots),
      ...(typeof description === "string" ? { description } : {}),
      ...(typeof includeDeferred === "boolean" ? { includeDeferred } : {}),
    },
  });
  return toPool(name, done(action).after);
};

const DEFAULT_POOL = "default_pool";

const deletePool = async (context: ExperimentalContext): Promise<object> => {
  const name = named(context, "name");
  if (name === DEFAULT_POOL) throw new ExperimentalRefusal(400, `${DEFAULT_POOL} cannot be deleted`);
  const action = await act(context, {
    verb: "config:delete",
    instance: context.instance.id,
    kind: "pool",
    key: name,
  });
  if (action.error?.code === "CONFIG_ENTRY_UNKNOWN") throw noPool(name);
  return toPool(name, done(action).before);
};

/** Pools, as configuration of the instance. */
export const poolRoutes: readonly ExperimentalRoute[] = [
  {
    method: "GET",
    path: "/pools",
    permission: "config:read",
    answer: async (context) => (await listPools(context)).map(fromEntry),
  },
  { method: "POST", path: "/pools", permission: "config:write", answer: putPool },
  {
    method: "GET",
    path: "/pools/:name",
    permission: "config:read",
    answer: async (context) => fromEntry(await findPool(context, named(context, "name"))),
  },
  { method: "DELETE", path: "/pools/:name", permission: "config:write", answer: deletePool },
];
