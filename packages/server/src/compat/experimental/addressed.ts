import { type Actor, type Control, type FleetInstance, isInScope } from "@airfleet/control";
import { ExperimentalRefusal } from "./refusal.ts";

/** Whether a path belongs to the experimental API, whose errors have a form of their own. */
export const isExperimentalPath = (url: string): boolean => /^\/(api\/experimental|experimental)(?=[/?]|$)/.test(url);

/** How a user name of a Basic login names an instance: `http://instance=eu-1:token@host:3000`. */
const NAMED = /^instance=(.+)$/;

export interface AddressFacts {
  /** From the path; undefined at the root. */
  readonly named: string | undefined;
  /** User name of the Basic login, if there is one. */
  readonly user: string | undefined;
  /** `experimental.default_instance` of the settings. */
  readonly defaultInstance: string | undefined;
}

const usable = (control: Pick<Control, "instances">): readonly FleetInstance[] =>
  control.instances.list().filter(({ engine, enabled, removed }) => engine === "airflow" && enabled && !removed);

/**
 * The instance that a request means: the one in its path, else the one that the login's user name names (clients of
 * Airflow 2 drop the path of their `endpoint_url`), else the default one, else the only one. Undefined when there is no
 * such instance, or more than one to choose from.
 */
export const findAddressed = (
  control: Pick<Control, "instances">,
  { named, user, defaultInstance }: AddressFacts,
): FleetInstance | undefined => {
  const candidates = usable(control);
  const wanted = named ?? NAMED.exec(user ?? "")?.[1] ?? defaultInstance;
  if (wanted !== undefined) return candidates.find(({ id }) => id === wanted);
  return candidates.length === 1 ? candidates[0] : undefined;
};

/** How many base paths a message names. */
const SHOWN = 20;

/** Why there is no instance to speak of, with the base paths of those that the caller may know of. */
export const noInstance = (
  control: Pick<Control, "instances">,
  actor: Actor,
  { named, user, defaultInstance }: AddressFacts,
): ExperimentalRefusal => {
  const visible = usable(control).filter(({ id }) => isInScope(actor, id));
  const paths = visible.map(({ id }) => `/experimental/${encodeURIComponent(id)}`);
  const shown = paths.length > SHOWN ? [...paths.slice(0, SHOWN), "…"] : paths;
  const wanted = named ?? NAMED.exec(user ?? "")?.[1] ?? defaultInstance;
  const why =
    wanted === undefined
      ? "There is no default instance, since there is not exactly one Airflow; set experimental.default_instance, or use a base path"
      : `There is no enabled Airflow instance "${wanted}"; use another base path`;
  return new ExperimentalRefusal(404, `${why}: ${shown.length === 0 ? "there are none for you" : shown.join(", ")}`);
};
